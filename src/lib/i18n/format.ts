import { language } from './language.svelte.ts';

const number = (value: number, options: Intl.NumberFormatOptions = {}): string => new Intl.NumberFormat(language.current, options).format(value);

/** 0.18 → "18 %" in the language's own way. @param fraction 0–1 */
export const formatPercent = (fraction: number): string => number(fraction, { style: 'percent', maximumFractionDigits: fraction < 0.1 ? 1 : 0 });

/** Milliseconds as seconds: "0.18 s", "12.4 s". One unit, so that answers compare at a glance; its sign is the same everywhere. */
export function formatSeconds(ms: number): string {
	const digits = ms < 10_000 ? 2 : 1;
	return `${number(ms / 1000, { minimumFractionDigits: digits, maximumFractionDigits: digits })}\u00a0s`;
}

/** Tokens per second: one decimal below ten, whole above. */
export const formatSpeed = (tokensPerSecond: number): string => number(tokensPerSecond, { maximumFractionDigits: tokensPerSecond < 10 ? 1 : 0 });

const byteUnits = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

/** Which decimal unit a number of bytes calls for: 0 bytes, 1 kB, … */
export const largestByteUnit = (bytes: number): number => Math.min(byteUnits.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));

/** Bytes in one unit, so that a column or an axis shares it. */
export const formatBytesIn = (bytes: number, power: number): string =>
	number(bytes / 1000 ** power, { style: 'unit', unit: byteUnits[power], unitDisplay: 'short', maximumFractionDigits: power >= 3 ? 1 : 0 });

/** Bytes in decimal units, as disks and downloads count: "1.1 GB". */
export const formatBytes = (bytes: number): string => formatBytesIn(bytes, largestByteUnit(bytes));

/** A time of day: to the second, or to the minute. */
export const formatTime = (at: Date, seconds = true): string =>
	new Intl.DateTimeFormat(language.current, { hour: '2-digit', minute: '2-digit', ...(seconds ? { second: '2-digit' } : {}), hourCycle: 'h23' }).format(at);

/** A day of the year, short: "23 Nov". */
export const formatDay = (at: Date): string => new Intl.DateTimeFormat(language.current, { day: 'numeric', month: 'short' }).format(at);

/** A day and its time, both short. */
export const formatMoment = (at: Date): string => new Intl.DateTimeFormat(language.current, { dateStyle: 'medium', timeStyle: 'short' }).format(at);

const spans = [['day', 86_400], ['hour', 3600], ['minute', 60], ['second', 1]] as const;

/** A span of time in its two largest units: "3d 4h", "12m 5s". */
export function formatSpan(seconds: number): string {
	const found = spans.findIndex(([, size]) => seconds >= size);
	const first = found < 0 ? spans.length - 1 : found;
	const written = spans.slice(first, first + 2).map(([unit, size], i) => number(Math.floor((i === 0 ? seconds : seconds % spans[first]![1]) / size), { style: 'unit', unit, unitDisplay: 'narrow' }));
	return written.join(' ');
}

export const formatNumber = (value: number): string => number(value);

/** A large number in few signs: 1,540,000,000 → "1.54B" in the language's own way. */
export const formatCompact = (value: number): string => number(value, { notation: 'compact', maximumSignificantDigits: 3 });
