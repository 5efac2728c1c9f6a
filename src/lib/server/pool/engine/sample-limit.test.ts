import { describe, expect, it } from 'vitest';
import { createSampleLimit, createWorkClock } from './sample-limit.ts';

/** How many of the tokens that take so many milliseconds are chosen before the stream ends. */
function chosen(...times: number[]): number {
	const limit = createSampleLimit();
	const end = times.findIndex((ms) => limit.exceeded(ms));
	return end < 0 ? times.length : end;
}

describe('createSampleLimit', () => {
	it('ends what has taken more than 3 s', () => {
		expect(chosen(1, 3000, 3001, 1)).toBe(2);
	});

	it('ends what takes several times as long with each token, before the one that takes too long', () => {
		expect(chosen(2, 12, 72, 430, 2600, 15_600)).toBe(4);
		expect(chosen(0, 1, 11, 265, 9320)).toBe(3);
	});

	it('goes on with what grows slowly, or took long once', () => {
		expect(chosen(100, 200, 300, 400, 600, 900, 1300, 1900, 2800)).toBe(9);
		expect(chosen(1, 1, 2500, 1, 1)).toBe(5);
	});

	it('goes on on a machine that is busy now and then', () => {
		expect(chosen(1, 3, 2000, 2)).toBe(4);
		expect(chosen(40, 60, 2000, 2)).toBe(4);
	});
});

describe('createWorkClock', () => {
	it('counts work, and no waiting', async () => {
		const clock = createWorkClock();
		await new Promise((resolve) => setTimeout(resolve, 300));
		expect(clock.lap()).toBeLessThan(200);
		const until = process.cpuUsage().user + 60_000;
		while (process.cpuUsage().user < until);
		expect(clock.lap()).toBeGreaterThanOrEqual(59);
		expect(clock.lap()).toBeLessThan(30);
	});
});
