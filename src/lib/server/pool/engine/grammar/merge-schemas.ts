/** `allOf`: two schemas as one that takes what both take. Pure. */
import { refuse } from './refuse.ts';

export type Schema = { [keyword: string]: unknown };

/** Say nothing of the value. */
export const annotations = new Set(['title', 'description', 'default', 'examples', 'example', '$comment', '$schema', '$id', 'deprecated', 'readOnly', 'writeOnly', '$defs', 'definitions', 'discriminator', 'markdownDescription']);

const greatest = new Set(['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties']);
const least = new Set(['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties']);

export const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null && !Array.isArray(value);

const typesOf = (type: unknown): string[] => (Array.isArray(type) ? type : [type]) as string[];

function commonTypes(a: unknown, b: unknown): string[] {
	const [first, second] = [typesOf(a), typesOf(b)];
	const both = first.filter((type) => second.includes(type) || (type === 'integer' && second.includes('number')));
	return [...both, ...second.filter((type) => type === 'integer' && !first.includes('integer') && first.includes('number'))];
}

const sameJson = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** `const` is an `enum` of one. */
const listed = ({ const: only, ...rest }: Schema): Schema => ({ ...rest, enum: 'enum' in rest ? (rest['enum'] as unknown[]).filter((value) => sameJson(value, only)) : [only] });

/** Both as one. What has no merged form is refused; a value that none can have comes out as `false`. */
export function mergeSchemas(a: unknown, b: unknown, place: string): unknown {
	if (a === true || (isSchema(a) && Object.keys(a).length === 0)) return b;
	if (b === true || (isSchema(b) && Object.keys(b).length === 0)) return a;
	if (a === false || b === false) return false;
	if (!isSchema(a) || !isSchema(b)) return refuse(place, 'a schema that is no object');
	if ('const' in a) return mergeSchemas(listed(a), b, place);
	if ('const' in b) return mergeSchemas(a, listed(b), place);
	// references and alternatives are merged where they are resolved
	for (const keyword of ['$ref', 'anyOf', 'oneOf']) if (keyword in a || keyword in b) return { allOf: [a, b] };
	const merged: Schema = { ...a };
	for (const [keyword, value] of Object.entries(b)) {
		if (annotations.has(keyword)) continue;
		merged[keyword] = keyword in a ? mergeKeyword(keyword, a[keyword], value, place) : value;
		if (keyword === 'type' && (merged['type'] as string[]).length === 0) return false;
		if (keyword === 'enum' && (merged['enum'] as unknown[]).length === 0) return false;
	}
	return closed(merged, a, b, place);
}

function mergeKeyword(keyword: string, a: unknown, b: unknown, place: string): unknown {
	if (keyword === 'type') return commonTypes(a, b);
	if (sameJson(a, b)) return a;
	if (greatest.has(keyword)) return Math.max(a as number, b as number);
	if (least.has(keyword)) return Math.min(a as number, b as number);
	if (keyword === 'required') return [...new Set([...(a as string[]), ...(b as string[])])];
	if (keyword === 'enum') return (a as unknown[]).filter((value) => (b as unknown[]).some((other) => sameJson(value, other)));
	if (keyword === 'items') return mergeSchemas(a, b, place);
	if (keyword === 'additionalProperties') return mergeSchemas(a, b, place);
	if (keyword === 'allOf') return [...(a as unknown[]), ...(b as unknown[])];
	if (keyword === 'properties') {
		const both: Schema = { ...(a as Schema) };
		for (const [name, schema] of Object.entries(b as Schema)) both[name] = Object.hasOwn(both, name) ? mergeSchemas(both[name], schema, place) : schema;
		return both;
	}
	return refuse(place, `allOf with two different "${keyword}"`);
}

/** `additionalProperties` speaks of the properties of its own schema alone: the other's are additional to it. */
function closed(merged: Schema, a: Schema, b: Schema, place: string): Schema {
	const properties = merged['properties'] as Schema | undefined;
	if (!properties) return merged;
	const allowed: Schema = { ...properties };
	for (const [own, other] of [[a, b], [b, a]] as const) {
		if (!('additionalProperties' in own)) continue;
		for (const name of Object.keys((other['properties'] as Schema | undefined) ?? {})) {
			if (!Object.hasOwn((own['properties'] as Schema | undefined) ?? {}, name)) allowed[name] = mergeSchemas(allowed[name], own['additionalProperties'], place);
		}
	}
	return { ...merged, properties: allowed };
}
