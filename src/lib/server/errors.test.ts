import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { sentencesOf } from './errors.ts';

const sentences = (schema: z.ZodType, value: unknown) => sentencesOf(schema.safeParse(value).error!);

describe('sentencesOf', () => {
	it('leaves a sentence alone that names its member', () => {
		expect(sentences(z.object({ username: z.string({ error: 'Username is required' }) }), {})).toEqual(['Username is required']);
		expect(sentences(z.object({ a: z.object({ b: z.string({ error: 'a.b is required' }) }) }), { a: {} })).toEqual(['a.b is required']);
		expect(sentences(z.string({ error: 'The body must be a text' }), 1)).toEqual(['The body must be a text']);
	});

	it('puts the member before one that does not', () => {
		expect(sentences(z.object({ a: z.object({ b: z.string({ error: 'must be a text' }) }) }), { a: {} })).toEqual(['a.b: must be a text']);
	});

	it('says which item of a list is meant', () => {
		const list = z.object({ models: z.array(z.object({ path: z.string({ error: 'path is required' }), size: z.number({ error: 'must be a number' }) })) });
		expect(sentences(list, { models: [{ path: 'a', size: 1 }, {}] })).toEqual(['models.1: path is required', 'models.1.size: must be a number']);
	});
});
