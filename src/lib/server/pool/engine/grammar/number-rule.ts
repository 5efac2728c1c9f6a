/** Numbers of a JSON schema within bounds: digits that stay between the digits of the bounds. */
import { refuse } from './refuse.ts';
import type { Rules } from './rules.ts';

export type NumberLimits = { minimum?: number; maximum?: number; exclusiveMinimum?: number; exclusiveMaximum?: number; multipleOf?: number };

/** Digits that a double keeps apart. */
const sureDigits = 15;
/** digits after the point beyond those of the bounds */
const furtherDigits = 6;
/** multiples that are listed one by one */
const mostMultiples = 1000;

const digit = (from: number, to: number) => (from === to ? `"${from}"` : `[${from}-${to}]`);
const anyDigits = (count: number) => (count === 0 ? '' : count === 1 ? '[0-9]' : `[0-9]{${count}}`);
const joined = (...parts: string[]) => parts.filter((part) => part !== '').join(' ');

/** A number as (−1 or 1) and its digits before and after the point, without exponent. */
function decimal(value: number): { isNegative: boolean; whole: bigint; fraction: string } {
	const [mantissa, exponent = '0'] = Math.abs(value).toString().split('e') as [string, string?];
	const [before, after = ''] = mantissa.split('.') as [string, string?];
	const shift = Number(exponent);
	const moved = shift >= 0 ? { whole: before + after.padEnd(shift, '0').slice(0, shift), fraction: after.slice(shift) } : { whole: '0', fraction: '0'.repeat(-shift - 1) + before + after };
	return { isNegative: value < 0, whole: BigInt(moved.whole), fraction: moved.fraction.replace(/0+$/, '') };
}

/** Digits of equal length from `low` to `high`. */
function sameLength(rules: Rules, low: string, high: string): string {
	if (low === '') return '';
	const [first, last] = [Number(low[0]), Number(high[0])];
	const [lowRest, highRest] = [low.slice(1), high.slice(1)];
	const isFromZeros = /^0*$/.test(lowRest);
	const isToNines = /^9*$/.test(highRest);
	if (isFromZeros && isToNines) return joined(digit(first, last), anyDigits(lowRest.length));
	if (first === last) return joined(digit(first, first), sameLength(rules, lowRest, highRest));
	const from = isFromZeros ? first : first + 1;
	const to = isToNines ? last : last - 1;
	return rules.add(
		[
			...(isFromZeros ? [] : [joined(digit(first, first), sameLength(rules, lowRest, '9'.repeat(lowRest.length)))]),
			...(from <= to ? [joined(digit(from, to), anyDigits(lowRest.length))] : []),
			...(isToNines ? [] : [joined(digit(last, last), sameLength(rules, '0'.repeat(lowRest.length), highRest))])
		].join(' | ')
	);
}

/** Whole numbers from `low` to `high` (≥ 0), as alternatives. */
function wholes(rules: Rules, low: bigint, high: bigint): string[] {
	const found: string[] = [];
	for (let length = low.toString().length; length <= high.toString().length; length++) {
		const least = length === 1 ? 0n : 10n ** BigInt(length - 1);
		const [from, to] = [low > least ? low : least, high < 10n ** BigInt(length) - 1n ? high : 10n ** BigInt(length) - 1n];
		if (from <= to) found.push(sameLength(rules, from.toString(), to.toString()));
	}
	return found;
}

/** What may follow the whole part: fractions whose digits, filled up with zeros, lie from `low` to `high` (of equal length). */
function fractions(rules: Rules, low: string, high: string): string {
	const after = (at: number, isLow: boolean, isHigh: boolean): string => {
		const canEnd = at > 0 && (!isLow || /^0*$/.test(low.slice(at)));
		if (at === low.length) return '""';
		if (!isLow && !isHigh) return `[0-9]{${at === 0 ? 1 : 0},${low.length - at}}`;
		const from = isLow ? Number(low[at]) : 0;
		const to = isHigh ? Number(high[at]) : 9;
		const choices: string[] = canEnd ? ['""'] : [];
		for (let next = from; next <= to; next++) {
			const keepsLow = isLow && next === from;
			const keepsHigh = isHigh && next === to;
			if (keepsLow || keepsHigh) choices.push(`${digit(next, next)} ${after(at + 1, keepsLow, keepsHigh)}`);
			else {
				const last = isHigh ? to - 1 : to;
				choices.push(`${digit(next, last)} ${after(at + 1, false, false)}`);
				next = last;
			}
		}
		return rules.add(choices.join(' | '));
	};
	const withPoint = `"." ${after(0, true, true)}`;
	return rules.add(/^0*$/.test(low) ? `"" | ${withPoint}` : withPoint);
}

type Bound = { whole: bigint; fraction: string; isExclusive: boolean };

/** Numbers ≥ 0 between two bounds, as alternatives. */
function magnitudes(rules: Rules, low: Bound, high: Bound, isWhole: boolean, place: string): string[] {
	if (isWhole) {
		const from = low.fraction !== '' || low.isExclusive ? low.whole + 1n : low.whole;
		const to = high.fraction === '' && high.isExclusive ? high.whole - 1n : high.whole;
		return from > to ? [] : wholes(rules, from, to);
	}
	const given = Math.max(low.fraction.length, high.fraction.length);
	const room = sureDigits - high.whole.toString().length;
	if ((low.isExclusive || high.isExclusive) && given > room) refuse(place, `an exclusive bound of more than ${sureDigits} digits`);
	const length = Math.max(given, Math.min(given + furtherDigits, room), 1);
	const scale = 10n ** BigInt(length);
	const scaled = ({ whole, fraction }: Bound) => whole * scale + BigInt(fraction.padEnd(length, '0'));
	const from = scaled(low) + (low.isExclusive ? 1n : 0n);
	const to = scaled(high) - (high.isExclusive ? 1n : 0n);
	if (from > to) return [];
	const rest = (value: bigint) => (value % scale).toString().padStart(length, '0');
	const [first, last] = [from / scale, to / scale];
	const [zeros, nines] = ['0'.repeat(length), '9'.repeat(length)];
	if (first === last) return [`"${first}" ${fractions(rules, rest(from), rest(to))}`];
	const isFirstWhole = rest(from) === zeros;
	const isLastWhole = rest(to) === nines;
	const between = wholes(rules, isFirstWhole ? first : first + 1n, isLastWhole ? last : last - 1n);
	return [
		...(isFirstWhole ? [] : [`"${first}" ${fractions(rules, rest(from), nines)}`]),
		...(between.length > 0 ? [`${rules.add(between.join(' | '))} ${fractions(rules, zeros, nines)}`] : []),
		...(isLastWhole ? [] : [`"${last}" ${fractions(rules, zeros, rest(to))}`])
	];
}

type Side = { value: number; isExclusive: boolean } | undefined;

/** The stricter of a bound and its exclusive twin; `sign` 1 for the least, −1 for the most. */
function strictest(inclusive: number | undefined, exclusive: number | undefined, sign: 1 | -1): Side {
	if (exclusive !== undefined && (inclusive === undefined || sign * exclusive >= sign * inclusive)) return { value: exclusive, isExclusive: true };
	return inclusive === undefined ? undefined : { value: inclusive, isExclusive: false };
}

/** The most digits before the point; there is no exponent where there is a bound. */
const mostDigits = 16;
/** as many where a fraction may follow, unless the other bound needs more */
const usualDigits = 9;

const nines = (digits: number): Bound => ({ whole: 10n ** BigInt(digits) - 1n, fraction: '', isExclusive: false });

function bounded(rules: Rules, low: Side, high: Side, isWhole: boolean, place: string): string[] {
	const boundOf = (side: NonNullable<Side>): Bound => {
		const { whole, fraction } = decimal(side.value);
		return { whole, fraction, isExclusive: side.isExclusive };
	};
	const zero: Bound = { whole: 0n, fraction: '', isExclusive: false };
	const greatest = nines(mostDigits);
	/** where a side has no bound: enough above the other's */
	const above = ({ whole }: Bound) => nines(isWhole ? mostDigits : Math.min(mostDigits, Math.max(usualDigits, whole.toString().length + 2)));
	const least = (a: Bound): Bound => (a.whole > greatest.whole ? greatest : a);
	const found: string[] = [];
	if (!high || high.value >= 0) {
		const from = low && low.value >= 0 ? boundOf(low) : zero;
		if (from.whole > greatest.whole) refuse(place, `a least value of more than 16 digits`);
		found.push(...magnitudes(rules, from, high ? least(boundOf(high)) : above(from), isWhole, place));
	}
	if (!low || low.value < 0) {
		const from = high && high.value < 0 ? boundOf(high) : high?.value === 0 && high.isExclusive ? { ...zero, isExclusive: true } : zero;
		if (from.whole > greatest.whole) refuse(place, `a greatest value of more than 16 digits below zero`);
		const alternatives = magnitudes(rules, from, low ? least(boundOf(low)) : above(from), isWhole, place);
		if (alternatives.length > 0) found.push(`"-" ${rules.add(alternatives.join(' | '))}`);
	}
	return found;
}

/** Multiples of `step` that lie between the bounds, one by one. */
function multiples(step: number, low: Side, high: Side, isWhole: boolean, place: string): string[] {
	if (!low || !high) return refuse(place, 'multipleOf without both minimum and maximum, other than 1');
	const count = (high.value - low.value) / step;
	if (!(count <= mostMultiples)) refuse(place, `multipleOf with more than ${mostMultiples} multiples`);
	const { whole, fraction } = decimal(step);
	const scaled = BigInt(`${whole}${fraction}`);
	const textOf = (factor: number): string => {
		const digits = (scaled * BigInt(Math.abs(factor))).toString().padStart(fraction.length + 1, '0');
		const text = fraction === '' ? digits : `${digits.slice(0, -fraction.length)}.${digits.slice(-fraction.length)}`;
		return factor < 0 ? `-${text}` : text;
	};
	const found: string[] = [];
	for (let factor = Math.ceil(low.value / step) - 1; factor <= Math.floor(high.value / step) + 1; factor++) {
		const value = Number(textOf(factor));
		const isAbove = low.isExclusive ? value > low.value : value >= low.value;
		const isBelow = high.isExclusive ? value < high.value : value <= high.value;
		if (isAbove && isBelow && (!isWhole || Number.isInteger(value))) found.push(`"${isWhole ? BigInt(value) : textOf(factor)}"`);
	}
	return found;
}

/** The rule of a number. Undefined when no number fits. */
export function numberRule(rules: Rules, limits: NumberLimits, isWhole: boolean, place: string): string | undefined {
	const low = strictest(limits.minimum, limits.exclusiveMinimum, 1);
	const high = strictest(limits.maximum, limits.exclusiveMaximum, -1);
	const { multipleOf } = limits;
	if (multipleOf === 1) isWhole = true;
	const alternatives =
		multipleOf !== undefined && !(isWhole && multipleOf === 1) ? multiples(multipleOf, low, high, isWhole, place)
		: low || high ? bounded(rules, low, high, isWhole, place)
		: ['"-"? ("0" | [1-9] [0-9]{0,15})' + (isWhole ? '' : ' ("." [0-9]{1,15})? ([eE] [-+]? [0-9]{1,2})?')];
	return alternatives.length === 0 ? undefined : rules.add(alternatives.join(' | '));
}
