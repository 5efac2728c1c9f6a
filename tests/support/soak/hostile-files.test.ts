import { expect, it } from 'vitest';
import { brokenModelNames } from '../gguf/broken.ts';
import { createRandom } from '../gguf/random.ts';
import { sampled } from '../sample.ts';
import { hostileFiles } from './hostile-files.ts';

it('known bad files and mutations of a good one are refused clearly or work, and a good model loads after them (a sample: npm run soak hostile-files)', async () => {
	const known = brokenModelNames.filter((name) => sampled(name, 1 / 3));
	const seen = await hostileFiles(createRandom(5, 'mutations'), known, 4);
	expect(seen.faults).toEqual([]);
	expect(seen.files).toBe(known.length + 4);
	expect(seen.refusedBefore).toBeGreaterThanOrEqual(known.length / 2);
}, 90_000);
