import { describe, expect, it } from 'vitest';
import { en } from './en.ts';
import { fill } from './fill.ts';
import { fr } from './fr.ts';

const names = (text: string): string[] => [...new Set([...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!))].sort();

describe('catalogues', () => {
	it('takes the same values in every language', () => {
		const of = (catalogue: Record<string, string>) => Object.fromEntries(Object.entries(catalogue).map(([key, text]) => [key, names(text)]));
		expect(of(fr)).toEqual(of(en));
	});

	it('says everything in every language', () => {
		for (const catalogue of [en, fr]) expect(Object.entries(catalogue).filter(([, text]) => text.trim() === '')).toEqual([]);
	});

	it('chooses the plural by the language: zero is plural in English and singular in French', () => {
		expect(fill(en['chat.tokens'], 'en', { count: 1 })).toBe('1 token');
		expect(fill(en['chat.tokens'], 'en', { count: 0 })).toBe('0 tokens');
		expect(fill(fr['chat.tokens'], 'fr', { count: 0 })).toBe('0 jeton');
		expect(fill(en['chat.tokens'], 'en', { count: 1234 })).toBe('1,234 tokens');
	});
});
