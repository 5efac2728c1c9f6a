import { describe, expect, it } from 'vitest';
import { planBatch } from './scheduler.ts';

const stream = (sequenceId: number, pending: number) => ({ sequenceId, pending: new Uint32Array(pending) });
const plan = (streams: { sequenceId: number; pending: Uint32Array }[], size: number) => planBatch(streams, size).map(({ stream: { sequenceId }, count }) => [sequenceId, count]);

describe('planBatch', () => {
	it('orders sequences ascending, whatever order they came in', () => {
		expect(plan([stream(3, 1), stream(0, 1), stream(2, 1)], 8)).toEqual([[0, 1], [2, 1], [3, 1]]);
	});

	it('serves every decoding stream before any prompt', () => {
		expect(plan([stream(0, 100), stream(1, 1), stream(2, 1)], 10)).toEqual([[0, 8], [1, 1], [2, 1]]);
	});

	it('gives prompts what is left in the order they came', () => {
		expect(plan([stream(2, 6), stream(0, 100), stream(1, 5)], 10)).toEqual([[0, 4], [2, 6]]);
	});
});
