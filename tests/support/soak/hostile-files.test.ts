import { expect, it } from 'vitest';
import { brokenModelNames } from '../gguf/broken.ts';
import { createRandom } from '../gguf/random.ts';
import { hostileFiles } from './hostile-files.ts';

it('every known bad file and twelve mutations of a good one are refused clearly or work, and a good model loads after them', async () => {
	const seen = await hostileFiles(createRandom(5, 'mutations'), 12);
	expect(seen.faults).toEqual([]);
	expect(seen.files).toBe(brokenModelNames.length + 12);
	expect(seen.refusedBefore).toBeGreaterThanOrEqual(brokenModelNames.length / 2);
}, 90_000);
