import { describe, expect, it } from 'vitest';
import { createSpecialTokens } from './special-tokens.ts';

describe('createSpecialTokens', () => {
	const { split } = createSpecialTokens(['<|end|>', '<|end|>\n', '</s>', '<', '🙂🙂']);

	it('puts special tokens at the odd places', () => {
		expect(split('a<|end|>b</s>')).toEqual(['a', '<|end|>', 'b', '</s>', '']);
	});

	it('takes the longest at a place', () => {
		expect(split('<|end|>\nb')).toEqual(['', '<|end|>\n', 'b']);
	});

	it('leaves what only begins like one, and single characters', () => {
		expect(split('a < b <|en')).toEqual(['a < b <|en']);
	});

	it('finds those beyond the basic plane', () => {
		expect(split('🙂🙂🙂')).toEqual(['', '🙂🙂', '🙂']);
	});

	it('finds nothing where there are none', () => {
		expect(createSpecialTokens([]).split('text')).toEqual(['text']);
	});
});
