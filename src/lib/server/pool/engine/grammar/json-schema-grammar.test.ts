import { describe, expect, it } from 'vitest';
import { grammarOf } from './answer-grammar.ts';
import { jsonSchemaRule } from './json-schema-grammar.ts';
import { createRules } from './rules.ts';

function grammarFor(schema: unknown): string {
	const rules = createRules();
	return rules.text(jsonSchemaRule(rules, schema));
}

const inObject = (schema: unknown) => ({ type: 'object', properties: { x: schema } });

describe('what a grammar cannot express', () => {
	it.each([
		['not', inObject({ not: { type: 'string' } })],
		['if', inObject({ if: {}, then: {} })],
		['uniqueItems', inObject({ type: 'array', uniqueItems: true })],
		['contains', inObject({ type: 'array', contains: {} })],
		['patternProperties', inObject({ type: 'object', patternProperties: { '^a': {} } })],
		['minProperties', inObject({ type: 'object', minProperties: 1 })],
		['maxProperties', inObject({ type: 'object', properties: { a: {}, b: {} }, maxProperties: 1 })],
		['format "regex"', inObject({ type: 'string', format: 'regex' })],
		['look-around', inObject({ type: 'string', pattern: '^(?!a)' })],
		['oneOf', inObject({ oneOf: [{ type: 'number' }, { type: 'integer' }] })],
		['multipleOf', inObject({ type: 'integer', multipleOf: 7 })],
		['multipleOf of 0', inObject({ type: 'integer', multipleOf: 0 })],
		['minLength of "3"', inObject({ type: 'string', minLength: '3' })],
		['a length above 65536', inObject({ type: 'string', maxLength: 100_000 })],
		['enum or const together with "minLength"', inObject({ enum: ['a'], minLength: 3 })],
		['two different "pattern"', inObject({ allOf: [{ type: 'string', pattern: 'a' }, { type: 'string', pattern: 'b' }] })],
		['the type "money"', inObject({ type: 'money' })],
		['not within the schema', inObject({ $ref: 'https://example.com/schema.json' })],
		['where there is nothing', inObject({ $ref: '#/$defs/none' })],
		['which is not within the schema', inObject({ $ref: 5 })],
		['$ref to #/%, where there is nothing', inObject({ $ref: '#/%' })],
		['required with what is no name', inObject({ type: 'object', required: [5] })],
		['too many cases', inObject({ type: 'string', pattern: Array.from({ length: 300 }, (_, i) => `w${i}x`).join('|') })],
		['inherited members', inObject({ $ref: '#/constructor' })]
	])('is refused by name: %s', (named, schema) => {
		const words = named === 'inherited members' ? 'where there is nothing' : named;
		expect(() => grammarFor(schema)).toThrow(expect.objectContaining({ code: 'UNSUPPORTED_PARAMETER', message: expect.stringContaining(words) as string }));
		expect(() => grammarFor(schema)).toThrow('(at #/properties/x');
	});

	it.each([
		['no value satisfies it', { type: 'integer', minimum: 3, maximum: 2 }],
		['no value satisfies it', { type: 'object', properties: { a: false }, required: ['a'] }],
		['no value satisfies it', { allOf: [{ type: 'object', properties: { a: {} }, additionalProperties: false }, { type: 'object', properties: { b: {} }, required: ['b'] }] }],
		['refers to nothing but itself', { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } }],
		['contains itself in allOf', { allOf: [{ $ref: '#' }, { type: 'object' }] }],
		['combinations', { allOf: Array.from({ length: 8 }, (_, i) => ({ anyOf: [{ minimum: i }, { maximum: i }] })) }],
		['too deep', Array.from({ length: 200 }).reduce((schema) => ({ type: 'array', items: schema }), {})],
		['too large', { type: 'object', properties: Object.fromEntries(Array.from({ length: 6000 }, (_, i) => [`p${i}`, {}])) }]
	])('is refused as a whole: %s', (words, schema) => {
		expect(() => grammarFor(schema)).toThrow(expect.objectContaining({ code: 'UNSUPPORTED_PARAMETER', message: expect.stringContaining(words) as string }));
	});
});

describe('a grammar', () => {
	it('does not grow with the ways through its references', () => {
		const $defs = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`d${i}`, { anyOf: i === 39 ? [{ type: 'null' }] : [{ $ref: `#/$defs/d${i + 1}` }, { anyOf: [{ $ref: `#/$defs/d${i + 1}` }, { type: 'boolean' }] }] }]));
		expect(grammarFor({ $ref: '#/$defs/d0', $defs }).length).toBeLessThan(20_000);
	});

	it('ignores what says nothing of the value', () => {
		const plain = grammarFor({ type: 'string' });
		expect(grammarFor({ title: 'T', description: 'D', default: 'x', examples: [], $comment: '', 'x-order': 1, type: 'string' })).toBe(plain);
	});
});

describe('grammarOf', () => {
	it('is none for text', () => {
		expect(grammarOf({}, undefined, 'none')).toBeUndefined();
		expect(grammarOf({ responseFormat: { type: 'text' } }, undefined, 'none')).toBeUndefined();
	});

	it('wants a schema', () => {
		expect(() => grammarOf({ responseFormat: { type: 'json_schema' } }, undefined, 'none')).toThrow(expect.objectContaining({ code: 'VALIDATION_ERROR' }));
	});
});
