/** Letters from which on an unfinished word is looked for: the index knows the beginnings of two and three. */
const prefixLength = 2;
/** Characters of a snippet before the first hit, and in all. */
const snippetLength = { before: 40, all: 160 };

/** What the index's tokenizer (unicode61) takes for a word. */
const wordPattern = /[\p{L}\p{N}\p{M}\p{Co}]+/gu;

/** Words as the index compares them: without case and diacritics. */
const folded = (word: string) => word.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** A piece of a text, and whether it is what was looked for. */
export type SnippetPart = { text: string; hit: boolean };

export type SearchWords = {
	/** in the full-text index's language: every word must occur */
	query: string;
	/** the piece of a text around the first of the words */
	snippetOf: (text: string) => SnippetPart[];
};

/** What a person typed, as words to look for, of which the last may still be being typed. Nothing typed is an operator. Undefined: no word in it. */
export function searchWords(typed: string): SearchWords | undefined {
	const words = typed.normalize('NFC').match(wordPattern)?.slice(0, 16);
	if (!words) return undefined;
	const last = words.length - 1;
	const unfinished = Array.from(words[last]!).length >= prefixLength;
	const wanted = words.map(folded);
	const isHit = (word: string) => wanted.includes(word) || (unfinished && word.startsWith(wanted[last]!));
	return {
		query: words.map((word, index) => `"${word}"${index === last && unfinished ? '*' : ''}`).join(' '),
		snippetOf(text) {
			const hits = [...text.matchAll(wordPattern)].filter(([word]) => isHit(folded(word))).map(({ 0: word, index }) => ({ from: index, to: index + word.length }));
			const from = Math.max(0, (hits[0]?.from ?? 0) - snippetLength.before);
			const to = Math.min(text.length, from + snippetLength.all);
			return cut(text, from, to, hits);
		}
	};
}

function cut(text: string, from: number, to: number, hits: { from: number; to: number }[]): SnippetPart[] {
	const parts: SnippetPart[] = [];
	let at = from;
	const add = (end: number, hit: boolean) => {
		if (end > at) parts.push({ text: text.slice(at, end), hit });
		at = Math.max(at, end);
	};
	if (from > 0) parts.push({ text: '…', hit: false });
	for (const hit of hits.filter((one) => one.to <= to)) {
		add(hit.from, false);
		add(hit.to, true);
	}
	add(to, false);
	if (to < text.length) parts.push({ text: '…', hit: false });
	return parts;
}
