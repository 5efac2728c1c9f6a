import { describe, expect, it } from 'vitest';
import { en } from '#lib/i18n/en.ts';
import { parameters } from '#lib/server/parameters/catalogue.ts';

describe('the words about parameters', () => {
	it('are there for every parameter, and for nothing else', () => {
		const told = Object.keys(en).flatMap((key) => (key.startsWith('parameter.') ? [key.slice('parameter.'.length)] : []));
		expect(told.sort()).toEqual(Object.keys(parameters).sort());
	});

	it('say in English what the server says, where null has the name that the page gives it', () => {
		const words = en as Record<string, string>;
		for (const [name, { description }] of Object.entries(parameters)) expect(words[`parameter.${name}`]).toBe(description.replace(/\bnull\b/g, 'automatic'));
	});
});
