import { describe, expect, it } from 'vitest';
import { cutScript } from './script.ts';

/** Encoded tokens as text, for ASCII. */
const readable = (pieces: string[]) => pieces.map((piece) => piece.replaceAll('Ġ', ' ').replaceAll('Ċ', '\n'));

describe('cutScript', () => {
	it('cuts at words, as the tokenizer does', () => {
		expect(readable(cutScript('Hello there, I am 12345.'))).toEqual(['Hello', ' there', ',', ' I', ' am', ' 123', '45', '.']);
	});

	it('joins a repeated word with what follows it', () => {
		expect(readable(cutScript('a cat, a dog, a bird'))).toEqual(['a', ' cat', ',', ' a', ' dog', ', a', ' bird']);
	});

	it('joins with what came before where nothing follows', () => {
		expect(readable(cutScript('no no no'))).toEqual(['no', ' no no']);
	});

	it('never gives a token twice or a blank one', () => {
		const script = '\n\n<think>\nso so so so\n\n</think>\n\n'.repeat(20) + 'the end. '.repeat(50) + '\n';
		const pieces = cutScript(script);
		expect(readable(pieces).join('')).toBe(script);
		expect(new Set(pieces).size).toBe(pieces.length);
		expect(readable(pieces).filter((piece) => piece.trim() === '')).toEqual([]);
	});
});
