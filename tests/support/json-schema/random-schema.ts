/** Random JSON schemas of all that the engine's grammars can express, each of which some document satisfies. */
import { createRandom, type Random } from '../gguf/random.ts';

export type Schema = Record<string, unknown>;

const names = ['id', 'name', 'in "quotes"', 'Größe', 'a', 'ab', 'abc', 'back\\slash', 'x y', '数', 'tags', ''];
const patterns = ['^[a-c]{2,6}$', '^(ab|a)*c?$', 'x', '^\\d{3}-\\d{2}$', '^[^"\\\\]{1,5}$', '^\\w+@\\w+\\.(com|org)$', '^(?:[A-Z][a-z]*\\s?){1,3}$', '^.{2,4}$', 'a|b$', '^"\\\\\\t$', '^[äöü🙂]{1,3}$', '^((a+)+b?)+$'];
const formats = ['date-time', 'date', 'time', 'duration', 'email', 'hostname', 'ipv4', 'ipv6', 'uuid', 'uri'];
const constants: unknown[] = ['red', 'a "b"', 'Zürich', '🙂', '', 0, -1.5, 1e21, true, null, [1, 'two'], { k: [null] }, 'line\nbreak\u0001'];

const chance = (random: Random, share: number) => random.unit() < share;
const whole = (random: Random, from: number, to: number) => from + (random.integer() % (to - from + 1));
const someOf = <T>(random: Random, from: readonly T[], most: number): T[] => [...from].map((item) => ({ item, by: random.unit() })).sort((a, b) => a.by - b.by).slice(0, whole(random, 1, most)).map(({ item }) => item);
const decimal = (random: Random) => Number(((random.unit() - 0.5) * 10 ** whole(random, 0, 5)).toFixed(whole(random, 0, 4)));

function stringSchema(random: Random): Schema {
	const kind = random.unit();
	if (kind < 0.3) return { type: 'string', pattern: random.pick(patterns) };
	if (kind < 0.5) return { type: 'string', format: random.pick(formats) };
	if (kind < 0.55) return { type: 'string', pattern: '^[a-z]*$', minLength: 2, maxLength: whole(random, 3, 30) };
	const minLength = whole(random, 0, 6);
	return { type: 'string', ...(chance(random, 0.7) ? { minLength } : {}), ...(chance(random, 0.85) ? { maxLength: minLength + whole(random, 0, chance(random, 0.1) ? 400 : 12) } : {}) };
}

function numberSchema(random: Random): Schema {
	const type = chance(random, 0.5) ? 'integer' : 'number';
	const [a, b] = [decimal(random), decimal(random)].sort((x, y) => x - y) as [number, number];
	const [low, high] = type === 'integer' ? [Math.floor(a), Math.ceil(b) + 2] : [a, Number((b + 0.5).toFixed(4))];
	if (chance(random, 0.15)) return { type, multipleOf: type === 'integer' ? whole(random, 1, 9) : random.pick([0.5, 0.25, 2]), minimum: Math.floor(low / 2), maximum: Math.floor(low / 2) + whole(random, 20, 90) };
	return { type, ...(chance(random, 0.6) ? { [chance(random, 0.5) ? 'minimum' : 'exclusiveMinimum']: low } : {}), ...(chance(random, 0.6) ? { [chance(random, 0.5) ? 'maximum' : 'exclusiveMaximum']: high } : {}) };
}

function arraySchema(random: Random, depth: number, refs: string[]): Schema {
	const minItems = whole(random, 0, 2);
	const limits = { ...(chance(random, 0.6) ? { minItems } : {}), ...(chance(random, 0.8) ? { maxItems: minItems + whole(random, 0, 3) } : {}) };
	if (chance(random, 0.15)) return { type: 'array', prefixItems: [anySchema(random, depth + 1, refs), anySchema(random, depth + 1, refs)], items: chance(random, 0.5) ? false : anySchema(random, depth + 1, refs), ...(chance(random, 0.5) ? { minItems: 2 } : {}) };
	return { type: 'array', items: anySchema(random, depth + 1, refs), ...limits };
}

function objectSchema(random: Random, depth: number, refs: string[]): Schema {
	const chosen = someOf(random, names, 4);
	const properties = Object.fromEntries(chosen.map((name) => [name, anySchema(random, depth + 1, refs)]));
	const additional = random.unit();
	return {
		type: 'object',
		properties,
		...(chance(random, 0.8) ? { required: chosen.filter(() => chance(random, 0.6)) } : {}),
		...(additional < 0.6 ? { additionalProperties: false } : additional < 0.75 ? { additionalProperties: { type: 'integer', minimum: 0, maximum: 9 } } : {})
	};
}

function combined(random: Random, depth: number, refs: string[]): Schema {
	const kind = random.unit();
	if (kind < 0.5) return { anyOf: [anySchema(random, depth + 1, refs), anySchema(random, depth + 1, refs)] };
	if (kind < 0.7) return { allOf: [{ type: ['integer', 'null'], minimum: 3 }, { type: ['string', 'integer'], maximum: whole(random, 3, 200) }] };
	if (kind < 0.85) {
		return { allOf: [{ type: 'object', properties: { a: { type: 'integer', minimum: 0 } }, required: ['a'] }, { type: 'object', properties: { b: stringSchema(random), a: { maximum: 50 } }, required: chance(random, 0.5) ? ['b'] : [] }] };
	}
	return { oneOf: ['cat', 'dog'].map((kindOf) => ({ type: 'object', properties: { kind: { const: kindOf }, of: anySchema(random, depth + 1, refs) }, required: ['kind'], additionalProperties: false })) };
}

function anySchema(random: Random, depth: number, refs: string[]): Schema {
	const kind = random.unit();
	if (depth < 3 && kind < 0.2) return objectSchema(random, depth, refs);
	if (depth < 3 && kind < 0.32) return arraySchema(random, depth, refs);
	if (depth < 3 && kind < 0.42) return combined(random, depth, refs);
	if (kind < 0.48 && refs.length > 0) return { anyOf: [{ $ref: random.pick(refs) }, { type: 'null' }] };
	if (kind < 0.65) return stringSchema(random);
	if (kind < 0.83) return numberSchema(random);
	if (kind < 0.92) return chance(random, 0.5) ? { enum: someOf(random, constants, 4) } : { const: random.pick(constants) };
	return { type: chance(random, 0.5) ? ['boolean', 'null'] : 'boolean', description: 'a "flag"' };
}

/** The same seed gives the same schema; its root is an object, as structured outputs have it, or now and then anything. */
export function randomSchema(seed: number): Schema {
	const random = createRandom(seed, 'json schema');
	const refs = chance(random, 0.3) ? ['#/$defs/node'] : [];
	const root = chance(random, 0.8) ? objectSchema(random, 0, refs) : anySchema(random, 0, refs);
	const node = { type: 'object', properties: { value: stringSchema(random), next: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] } }, required: ['value', 'next'], additionalProperties: false };
	return refs.length > 0 ? { ...root, $defs: { node } } : root;
}
