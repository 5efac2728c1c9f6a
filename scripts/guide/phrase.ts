/**
 * The little language that questions are written in: `(a|b)` is a choice, `[a]` may be left out, `{name}` is a macro.
 * `Explain [to me] how to {add} (a|my) model` stands for dozens of sentences; each call of {@link say} gives one.
 */
export type Random = () => number;

type Node = string | { choices: Node[][] } | { macro: string };
export type Macros = ReadonlyMap<string, Phrase>;
export type Phrase = Node[];

/** Reproducible numbers in [0, 1): mulberry32. */
export function createRandom(seed: number): Random {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let t = Math.imul(state ^ (state >>> 15), state | 1);
		t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
	};
}

export const pick = <T>(random: Random, from: readonly T[]): T => from[Math.floor(random() * from.length)]!;

/** @throws Error that names the phrase when a bracket is missing */
export function parsePhrase(text: string): Phrase {
	let at = 0;
	function choices(end: string): Node[][] {
		const all: Node[][] = [[]];
		for (; at < text.length; at++) {
			const letter = text[at]!;
			const last = all.at(-1)!;
			if (letter === end) return all;
			if (letter === '|' && end) all.push([]);
			else if (letter === '(' || letter === '[') {
				at++;
				const inner = choices(letter === '(' ? ')' : ']');
				last.push({ choices: letter === '(' ? inner : [...inner, ...inner.map((): Node[] => [])] });
			} else if (letter === '{') {
				const close = text.indexOf('}', at);
				last.push({ macro: text.slice(at + 1, close) });
				at = close;
			} else if (typeof last.at(-1) === 'string') last[last.length - 1] += letter;
			else last.push(letter);
		}
		if (end) throw new Error(`"${end}" is missing in: ${text}`);
		return all;
	}
	return choices('')[0]!;
}

function sayNodes(nodes: Node[], macros: Macros, random: Random): string {
	return nodes.map((node) => {
		if (typeof node === 'string') return node;
		if ('choices' in node) return sayNodes(pick(random, node.choices), macros, random);
		const phrase = macros.get(node.macro);
		if (!phrase) throw new Error(`There is no macro {${node.macro}}`);
		return sayNodes(phrase, macros, random);
	}).join('');
}

/** One of the sentences that a phrase stands for. */
export const say = (phrase: Phrase, macros: Macros, random: Random): string => sayNodes(phrase, macros, random).replace(/\s+/g, ' ').replaceAll('’ ', '’').trim();

/** Every word that a phrase can say, in small letters; macros aside. */
export function wordsOf(phrase: Phrase): string[] {
	return phrase.flatMap((node) => (typeof node === 'string' ? (node.toLowerCase().match(/[\p{L}]+/gu) ?? []) : 'choices' in node ? node.choices.flatMap(wordsOf) : []));
}
