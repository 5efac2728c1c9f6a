import { seriesOf, type LiveSample } from '#lib/contract/monitoring.ts';

export type Values = (number | null)[];
/** Series by name over the same times: milliseconds since the epoch, ascending. */
export type Points = { at: number[]; series: Record<string, Values> };

/** Samples further apart than this, in milliseconds, have a gap between them. */
const gapMs = 5000;

/** Live samples as series; where some are missing stands one point without values. */
export function pointsOf(samples: readonly LiveSample[]): Points {
	const at: number[] = [];
	const series: Record<string, Values> = {};
	for (const sample of samples) {
		if (at.length > 0 && sample.at - at.at(-1)! > gapMs) at.push(at.at(-1)! + gapMs / 2);
		at.push(sample.at);
		for (const [name, value] of Object.entries(seriesOf(sample))) (series[name] ??= [])[at.length - 1] = value;
	}
	for (const values of Object.values(series)) for (let i = 0; i < at.length; i++) values[i] ??= null;
	return { at, series };
}

/** The points of a stretch of time alone. */
export function within({ at, series }: Points, [from, to]: [number, number]): Points {
	const first = at.findIndex((ms) => ms >= from);
	const end = at.findLastIndex((ms) => ms <= to) + 1;
	const cut = <T>(list: T[]) => (first < 0 ? [] : list.slice(first, end));
	return { at: cut(at), series: Object.fromEntries(Object.entries(series).map(([name, values]) => [name, cut(values)])) };
}

/** Each series on top of those before it; what has no value where others have one counts as nothing. */
export function stacked(lines: readonly Values[]): Values[] {
	let below: Values | undefined;
	const known = (i: number) => lines.some((values) => values[i] != null);
	return lines.map((values) => (below = values.map((value, i) => (known(i) ? (value ?? 0) + (below?.[i] ?? 0) : null))));
}

/** The newest value there is. */
export const newestOf = (values: Values | undefined): number | null => values?.findLast((value) => value !== null) ?? null;
