import { expect, it } from 'vitest';
import { createRandom } from '../gguf/random.ts';
import { memoryCap } from './memory-cap.ts';

/** Where a core is shared by many, a load takes ten seconds and more. */
const patient = { loadTimeoutMs: 200_000 };

it('bursts for three models of which one fits at a time: never more memory than there is, no answer cut, one load a burst', async () => {
	const seen = await memoryCap(createRandom(1, 'memory'), 280 * 2 ** 20, { seconds: Infinity, bursts: 4 }, ({ endless }) => [endless('a', patient), endless('b', patient, { slots: 4, contextLength: 2048 }), endless('c', patient)]);
	expect(seen.faults).toEqual([]);
	expect(seen.bursts).toBe(4);
	expect(seen.evictions).toBeGreaterThan(0); // they did not all fit
}, 240_000);
