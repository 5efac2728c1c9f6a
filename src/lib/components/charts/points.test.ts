import { describe, expect, it } from 'vitest';
import type { LiveSample } from '#lib/contract/monitoring.ts';
import { newestOf, pointsOf, stacked, within } from './points.ts';

const sample = (at: number, given: Partial<LiveSample> = {}): LiveSample => ({
	at, cpu: 10, memory: { usedBytes: 50, totalBytes: 200 }, gpus: [], disks: [], serverBytes: 5, activeModels: 0, webSockets: 1, totalRequests: 3,
	requestsPerMinute: 2, errorsPerMinute: 0, responseMs: null, firstTokenMs: null, tokensPerSecond: 0, queued: 0, slots: 0, slotsBusy: 0, kv: null, models: [], ...given
});

describe('points of a chart', () => {
	it('have a line for each series, empty where it has no value', () => {
		const model = { name: 'qwen', slots: 4, slotsBusy: 1, queued: 0, kvUsed: 1, kvTotal: 2, memoryBytes: 99, tokensPerSecond: 7 };
		const { at, series } = pointsOf([sample(0), sample(2000, { firstTokenMs: 180, models: [model], gpus: [{ name: 'A', load: null, usedBytes: 1, totalBytes: 4 }] }), sample(4000)]);
		expect(at).toEqual([0, 2000, 4000]);
		expect(series).toMatchObject({ cpu: [10, 10, 10], memory: [25, 25, 25], firstTokenMs: [null, 180, null], 'model.qwen.memoryBytes': [null, 99, null], 'gpu.0.memory': [null, 25, null] });
		expect(series).not.toHaveProperty('responseMs');
		expect(series).not.toHaveProperty('gpu.0.load');
	});

	it('leave a gap where samples are missing', () => {
		const { at, series } = pointsOf([sample(0), sample(2000), sample(60_000)]);
		expect([at, series.cpu]).toEqual([[0, 2000, 4500, 60_000], [10, 10, null, 10]]);
	});

	it('are cut to a stretch of time', () => {
		const { at, series } = within(pointsOf([sample(0), sample(2000, { cpu: 20 }), sample(4000)]), [1000, 3000]);
		expect([at, series.cpu]).toEqual([[2000], [20]]);
		expect(within(pointsOf([sample(0)]), [1000, 3000]).at).toEqual([]);
	});

	it('stack up, and a part that is not there yet is nothing', () => {
		expect(stacked([[1, 1, null], [null, 2, null], [3, 3, null]])).toEqual([[1, 1, null], [1, 3, null], [4, 6, null]]);
	});

	it('know the newest value', () => {
		expect([newestOf([1, 2, null]), newestOf([null]), newestOf(undefined)]).toEqual([2, null, null]);
	});
});
