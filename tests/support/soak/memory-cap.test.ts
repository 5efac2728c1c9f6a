import { expect, it } from 'vitest';
import { createRandom } from '../gguf/random.ts';
import { memoryCap } from './memory-cap.ts';

it('bursts for models that do not all fit: no engine more than there is memory for, no answer cut, one load a burst', async () => {
	const seen = await memoryCap(createRandom(1, 'memory'), 450 * 2 ** 20, { seconds: 60, bursts: 8 }, ({ endless }) => [endless('a'), endless('b', {}, { slots: 4, contextLength: 2048 }), endless('c')]);
	expect(seen.faults).toEqual([]);
	expect(seen).toMatchObject({ bursts: 8, answers: expect.any(Number) as number });
	expect(seen.evictions).toBeGreaterThan(0); // they did not all fit
}, 90_000);
