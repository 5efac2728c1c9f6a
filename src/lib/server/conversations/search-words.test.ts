import { describe, expect, it } from 'vitest';
import { searchWords } from './search-words.ts';

const marked = (typed: string, text: string) => searchWords(typed)!.snippetOf(text).map(({ text: part, hit }) => (hit ? `[${part}]` : part)).join('');

describe('the words of a search', () => {
	it.each([
		['hello world', '"hello" "world"*'],
		['of', '"of"*'],
		['a "quoted" NEAR(x y) OR col:z -not*', '"a" "quoted" "NEAR" "x" "y" "OR" "col" "z" "not"*'],
		['été', '"été"*'],
		['emoji 🙂 in', '"emoji" "in"*']
	])('%s are asked for as %s', (typed, query) => expect(searchWords(typed)!.query).toBe(query));

	it.each(['', '   ', '"*():^-', '🙂'])('are none in %j', (typed) => expect(searchWords(typed)).toBeUndefined());
});

describe('a snippet', () => {
	it('marks every hit, whatever the case and the accents, and the beginning of the last word', () => {
		expect(marked('cafe wor', 'A CAFÉ in the world, word by work; wo.')).toBe('A [CAFÉ] in the [world], [word] by [work]; wo.');
	});

	it('begins shortly before the first hit and ends after 160 characters', () => {
		const snippet = marked('needle', `${'hay '.repeat(100)}needle${' hay'.repeat(100)}`);
		expect(snippet).toMatch(/^….{40}\[needle\].*…$/);
		expect(snippet.length).toBe(160 + 4);
	});

	it('is the beginning where the words are found in the title alone', () => expect(marked('needle', 'just hay')).toBe('just hay'));
});
