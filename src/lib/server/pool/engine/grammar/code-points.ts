/** Sets of Unicode code points as ascending ranges that do not touch; surrogates are in none. Pure. */

export type CodePoints = readonly (readonly [first: number, last: number])[];

export const everything: CodePoints = [[0, 0xd7ff], [0xe000, 0x10ffff]];

export function union(...sets: CodePoints[]): CodePoints {
	const joined: [number, number][] = [];
	for (const [first, last] of sets.flat().sort((a, b) => a[0] - b[0])) {
		const before = joined.at(-1);
		if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last);
		else joined.push([first, last]);
	}
	return joined;
}

export function intersection(a: CodePoints, b: CodePoints): CodePoints {
	const common: [number, number][] = [];
	for (let i = 0, j = 0; i < a.length && j < b.length; ) {
		const first = Math.max(a[i]![0], b[j]![0]);
		const last = Math.min(a[i]![1], b[j]![1]);
		if (first <= last) common.push([first, last]);
		if (a[i]![1] < b[j]![1]) i++;
		else j++;
	}
	return common;
}

export function complement(set: CodePoints): CodePoints {
	const gaps: [number, number][] = [];
	let next = 0;
	for (const [first, last] of set) {
		if (first > next) gaps.push([next, first - 1]);
		next = last + 1;
	}
	if (next <= 0x10ffff) gaps.push([next, 0x10ffff]);
	return intersection(gaps, everything);
}

export const codePoints = (text: string): CodePoints => union(...[...text].map((letter): CodePoints => [[letter.codePointAt(0)!, letter.codePointAt(0)!]]));

const inClass = (code: number) => `\\U${code.toString(16).padStart(8, '0')}`;

/** A GBNF character class. `set` must not be empty. */
export const characterClass = (set: CodePoints): string => `[${set.map(([first, last]) => (first === last ? inClass(first) : `${inClass(first)}-${inClass(last)}`)).join('')}]`;

/** What a JSON string may hold as it is. */
const plain: CodePoints = complement(union([[0, 0x1f]], codePoints('"\\')));
const escapes: [letter: string, escape: string][] = [['"', '\\"'], ['\\', '\\\\'], ['\b', '\\b'], ['\f', '\\f'], ['\n', '\\n'], ['\r', '\\r'], ['\t', '\\t']];
const escaped = codePoints(escapes.map(([letter]) => letter).join(''));

/** The ways to write one character of a set inside a JSON string, as GBNF terminals. */
export function jsonTerminals(set: CodePoints): string[] {
	const asItIs = intersection(set, plain);
	const short = escapes.filter(([letter]) => intersection(set, codePoints(letter)).length > 0).map(([, escape]) => `"${escape.replace(/[\\"]/g, '\\$&')}"`);
	const long = intersection(set, intersection([[0, 0x1f]], complement(escaped))).flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => `"\\\\u${(first + i).toString(16).padStart(4, '0')}"`));
	return [...(asItIs.length > 0 ? [characterClass(asItIs)] : []), ...short, ...long];
}
