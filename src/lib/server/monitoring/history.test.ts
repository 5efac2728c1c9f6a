import { describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../../tests/support/database.ts';
import { database } from '../db/index.ts';
import { readHistory, readSeries, sweepSamples, writeSample } from './history.ts';
import { levelFor } from './levels.ts';
import type { Sample } from './merge.ts';

const noon = Date.UTC(2024, 0, 15, 12);
const minute = 60_000;
const hour = 60 * minute;
const sample = (given: Partial<Sample> = {}): Sample => ({ cpu: 40, memory: 60, requests: 3, activeModels: 1, promptTokens: 5, completionTokens: 7, ...given, extra: { covered: 30, ...given.extra } });
const count = () => database().$client.prepare('SELECT seconds, count(*) AS n FROM samples GROUP BY seconds ORDER BY seconds').all();

describe('the history', () => {
	freshDatabase();

	it('is empty without data: nothing is invented', () => {
		expect(readHistory(24, noon)).toEqual([]);
		expect(readSeries(24, noon)).toEqual({ seconds: 300, at: [], series: {} });
	});

	it('has a row for each half minute, ascending, in document A\'s words', () => {
		writeSample(noon, sample({ cpu: 45.23, memory: 67.84, requests: 150 }));
		writeSample(noon + 30_000, sample({ cpu: 1 / 3 }));
		expect(readHistory(1, noon + minute)).toEqual([
			{ timestamp: '2024-01-15T12:00:00Z', cpu: 45.2, memory: 67.8, requests: 150 },
			{ timestamp: '2024-01-15T12:00:30Z', cpu: 0.3, memory: 60, requests: 3 }
		]);
	});

	it('goes back as far as asked', () => {
		for (const hours of [0, 0.5, 2, 30]) writeSample(noon - hours * hour, sample());
		expect([1, 3, 24, 48].map((hours) => readHistory(hours, noon + 1).length)).toEqual([2, 3, 3, 4]);
	});

	it('tells of the hours before any moment, for a part that is looked at closely', () => {
		for (const hours of [0, 1, 2, 3]) writeSample(noon - hours * hour, sample({ cpu: hours }));
		expect(readSeries(1.5, noon - hour)).toMatchObject({ seconds: 30, series: { cpu: [2, null, 1] } });
	});

	it('never has more than 2,880 points, whatever is asked', () => {
		expect([0.01, 24, 24.01, 240, 240.01, 720].map((hours) => levelFor(hours, 2880))).toEqual([30, 30, 300, 300, 3600, 3600]);
		const insert = database().$client.prepare("INSERT INTO samples (seconds, at, cpu, memory, requests, active_models, extra) VALUES (30, ?, 1, 1, 1, 0, '{\"covered\":30}')");
		for (let i = 0; i < 2_900; i++) insert.run(noon - i * 30_000);
		expect(readHistory(24, noon)).toHaveLength(2880);
	});

	it('averages figures and adds counts up over longer times, the one under way included', () => {
		for (let i = 0; i < 4; i++) writeSample(noon + i * 30_000, sample({ cpu: i * 10, requests: i, extra: { covered: 30, queued: i } }));
		writeSample(noon + 6 * minute, sample({ cpu: 90, requests: 1 }));
		const rows = readHistory(48, noon + 7 * minute);
		expect(rows).toMatchObject([{ timestamp: '2024-01-15T12:00:00Z', cpu: 15, requests: 6 }, { timestamp: '2024-01-15T12:05:00Z', cpu: 90, requests: 1 }]);
		expect(readHistory(700, noon + 7 * minute)).toMatchObject([{ timestamp: '2024-01-15T12:00:00Z', cpu: 30, requests: 7 }]);
		expect(readSeries(50, noon + 7 * minute).series.queued).toEqual([1.5, null]);
	});

	it('joins what two runs of the server measured in one half minute, by the time each was there', () => {
		writeSample(noon, sample({ cpu: 10, requests: 1, extra: { covered: 10, kv: 5 } }));
		writeSample(noon + 20_000, sample({ cpu: 40, requests: 2, extra: { covered: 20 } }));
		expect(readHistory(1, noon + minute)).toMatchObject([{ cpu: 30, requests: 3 }]);
		expect(readSeries(1, noon + minute)).toEqual({
			seconds: 30,
			at: [noon],
			series: { cpu: [30], memory: [60], activeModels: [1], requestsPerMinute: [6], kv: [5] }
		});
	});

	it('leaves a gap where the server was off', () => {
		for (const at of [0, 30_000, 10 * minute]) writeSample(noon + at, sample({ cpu: 20 }));
		const { at, series } = readSeries(1, noon + 11 * minute);
		expect(at).toEqual([noon, noon + 30_000, noon + minute, noon + 10 * minute]);
		expect(series.cpu).toEqual([20, 20, null, 20]);
	});

	it('forgets what is older than wanted, slice by slice', () => {
		for (let i = 0; i < 50; i++) writeSample(noon - i * hour, sample());
		expect(count()).toEqual([{ seconds: 30, n: 50 }, { seconds: 300, n: 50 }, { seconds: 3600, n: 50 }]);
		sweepSamples(1, noon);
		expect(count()).toEqual([{ seconds: 30, n: 25 }, { seconds: 300, n: 25 }, { seconds: 3600, n: 25 }]);
	});
});
