/**
 * A full-text query for what a person typed: every word must occur, the last one may still be being typed. Words are what
 * the index's tokenizer (unicode61) takes for words, each quoted, so that nothing typed is an operator. Undefined: no word in it.
 */
export function searchQuery(typed: string): string | undefined {
	const words = typed.normalize('NFC').match(/[\p{L}\p{N}\p{M}\p{Co}]+/gu)?.slice(0, 16);
	return words?.map((word, index) => `"${word}"${index === words.length - 1 ? '*' : ''}`).join(' ');
}
