import { seriesOf, type LiveSample } from '../../contract/monitoring.ts';
import type { samples } from '../db/index.ts';

/** A row of the table without its interval. `extra` has the further series by name, and the seconds that were really measured. */
export type Sample = Omit<typeof samples.$inferSelect, 'seconds' | 'at' | 'extra'> & { extra: { [series: string]: number; covered: number } };

/** The mean of those values that there are, each by the time it covers. */
function meanOf(rows: Sample[], valueOf: (row: Sample) => number | undefined): number {
	let [sum, weight] = [0, 0];
	for (const row of rows) {
		const value = valueOf(row);
		if (value === undefined) continue;
		sum += value * row.extra.covered;
		weight += row.extra.covered;
	}
	return sum / weight;
}

/** Samples of adjoining times as one: figures are averaged, counts added. */
export function mergeSamples(rows: Sample[]): Sample {
	const mean = (name: 'cpu' | 'memory' | 'activeModels') => meanOf(rows, (row) => row[name]);
	const sum = (valueOf: (row: Sample) => number) => rows.reduce((total, row) => total + valueOf(row), 0);
	const names = new Set(rows.flatMap((row) => Object.keys(row.extra)));
	return {
		cpu: mean('cpu'),
		memory: mean('memory'),
		activeModels: mean('activeModels'),
		requests: sum((row) => row.requests),
		promptTokens: sum((row) => row.promptTokens),
		completionTokens: sum((row) => row.completionTokens),
		extra: { ...Object.fromEntries([...names].map((name) => [name, meanOf(rows, (row) => row.extra[name])])), covered: sum((row) => row.extra.covered) }
	};
}

type Counts = Pick<Sample, 'requests' | 'promptTokens' | 'completionTokens'>;

/** A live sample as a row to keep, with what came in the seconds that it covers. */
export function keptSample(sample: LiveSample, { requests, promptTokens, completionTokens }: Counts, covered: number): Sample {
	const { cpu, memory, activeModels, requestsPerMinute: _counted, ...extra } = seriesOf(sample);
	return { cpu: cpu!, memory: memory!, activeModels: activeModels!, requests, promptTokens, completionTokens, extra: { ...extra, covered } };
}
