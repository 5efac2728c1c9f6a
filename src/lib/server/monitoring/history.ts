import { and, eq, gte, lt } from 'drizzle-orm';
import type { SeriesAnswer } from '../../contract/monitoring.ts';
import type { MonitoringHistory } from '../../contract/rest/monitoring.ts';
import { database, samples } from '../db/index.ts';
import { intervalOf, levelFor, levels, type Level } from './levels.ts';
import { mergeSamples, type Sample } from './merge.ts';

/** The contract's bound, and as many as a chart has room for: encoding them holds everything else up. */
const maxPoints = { history: 2880, series: 720 };
/** Rows that one sweep takes: a sweep comes with each sample and holds nothing up. */
const sweepRows = 1000;

const hourMs = 3_600_000;
const oneDecimal = (value: number) => Math.round(value * 10) / 10;

function rowsBetween(seconds: Level, from: number, to: number): Sample[] {
	const rows = database().select().from(samples).where(and(eq(samples.seconds, seconds), gte(samples.at, new Date(from)), lt(samples.at, new Date(to)))).all();
	return rows.map(({ seconds: _seconds, at: _at, ...row }) => row as Sample);
}

function put(seconds: Level, at: number, row: Sample): void {
	database().insert(samples).values({ seconds, at: new Date(at), ...row }).onConflictDoUpdate({ target: [samples.seconds, samples.at], set: row }).run();
}

/**
 * Keeps a sample of the interval that begins at `at`, together with what is kept of that interval already (from before a
 * restart), and brings the longer intervals that it lies in up to date. One transaction.
 */
export function writeSample(at: number, sample: Sample): void {
	database().transaction(() => {
		const [base, ...longer] = levels;
		const start = intervalOf(at, base);
		put(base, start, mergeSamples([...rowsBetween(base, start, start + base * 1000), sample]));
		for (const seconds of longer) {
			const from = intervalOf(start, seconds);
			put(seconds, from, mergeSamples(rowsBetween(base, from, from + seconds * 1000)));
		}
	});
}

/** Forgets samples older than that many days, a slice at a time. */
export function sweepSamples(days: number, now: number): void {
	const sweep = database().$client.prepare('DELETE FROM samples WHERE rowid IN (SELECT rowid FROM samples WHERE seconds = ? AND at < ? LIMIT ?)');
	for (const seconds of levels) sweep.run(seconds, now - days * 24 * hourMs, sweepRows);
}

/** Document A's history of the last hours, ascending, in the finest intervals of which there are few enough. */
export function readHistory(hours: number, now: number): MonitoringHistory['history'] {
	const select = 'SELECT at, cpu, memory, requests FROM samples WHERE seconds = ? AND at > ? ORDER BY at';
	const rows = database().$client.prepare(select).raw().all(levelFor(hours, maxPoints.history), now - hours * hourMs) as [number, number, number, number][];
	return rows.map(([at, cpu, memory, requests]) => ({ timestamp: new Date(at).toISOString().replace('.000Z', 'Z'), cpu: oneDecimal(cpu), memory: oneDecimal(memory), requests }));
}

/** Every series of the hours before `now` for charts. Where samples are missing there is one point without values. */
export function readSeries(hours: number, now: number): SeriesAnswer {
	const seconds = levelFor(hours, maxPoints.series);
	const rows = database().$client.prepare('SELECT at, cpu, memory, requests, active_models AS activeModels, extra FROM samples WHERE seconds = ? AND at > ? AND at <= ? ORDER BY at')
		.all(seconds, now - hours * hourMs, now) as { at: number; cpu: number; memory: number; requests: number; activeModels: number; extra: string }[];
	const at: number[] = [];
	const series: SeriesAnswer['series'] = {};
	const add = (name: string, value: number) => ((series[name] ??= [])[at.length - 1] = Math.round(value * 1000) / 1000);
	for (const row of rows) {
		if (at.length > 0 && row.at - at.at(-1)! > seconds * 1000) at.push(at.at(-1)! + seconds * 1000);
		at.push(row.at);
		const { covered, ...extra } = JSON.parse(row.extra) as Sample['extra'];
		add('cpu', row.cpu);
		add('memory', row.memory);
		add('activeModels', row.activeModels);
		add('requestsPerMinute', (row.requests * 60) / covered);
		for (const [name, value] of Object.entries(extra)) add(name, value);
	}
	for (const values of Object.values(series)) for (let i = 0; i < at.length; i++) values[i] ??= null;
	return { seconds, at, series };
}
