/**
 * From a JSON Schema to a grammar in GBNF whose every text is a document that the schema takes (not the other way round: a
 * grammar writes properties in their order). The library's own converter leaves out in silence what it doesn't know, so this
 * one refuses by name. Pure.
 */
import { literal, mostRepetitions, type Rules } from './rules.ts';
import { annotations, isSchema, mergeSchemas, type Schema } from './merge-schemas.ts';
import { numberRule } from './number-rule.ts';
import { arrayRule, objectRule, space, type Property } from './object-rule.ts';
import { refuse } from './refuse.ts';
import { stringRule } from './string-rule.ts';

/** schemas within a schema, those behind a reference counted at each place where they are merged */
const mostSchemas = 5000;
const deepest = 100;
/** alternatives that `allOf` of several `anyOf` may come to */
const mostAlternatives = 64;

const families: Record<string, readonly string[]> = {
	object: ['properties', 'required', 'additionalProperties', 'unevaluatedProperties', 'minProperties', 'maxProperties'],
	array: ['items', 'prefixItems', 'minItems', 'maxItems', 'uniqueItems'],
	string: ['minLength', 'maxLength', 'pattern', 'format'],
	number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf']
};
const known = new Set([...Object.values(families).flat(), 'type', 'enum', 'const', 'nullable', '$ref', 'allOf', 'anyOf', 'oneOf']);
const combining = ['$ref', 'allOf', 'anyOf', 'oneOf'];

/** A step of a JSON pointer in a URI's fragment; undefined where its escapes are none. */
function stepName(step: string): string | undefined {
	try {
		return decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
	} catch {
		return undefined;
	}
}

const pointerStep = (name: string | number) => `/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`;

/** The rule for any JSON value; an object when `isObject`. */
export function anyValue(rules: Rules, isObject = false): string {
	const string = stringRule(rules, {}, '#')!;
	const value = rules.reserve();
	const ws = space(rules);
	const object = rules.add(`"{" ${ws} ( ${string} ${ws} ":" ${ws} ${value} ( "," ${ws} ${string} ${ws} ":" ${ws} ${value} )* )? ${ws} "}"`);
	const array = rules.add(`"[" ${ws} ( ${value} ( "," ${ws} ${value} )* )? ${ws} "]"`);
	rules.define(value, `${object} | ${array} | ${string} | ${numberRule(rules, {}, false, '#')!} | "true" | "false" | "null"`);
	return isObject ? object : value;
}

/** The rule for the documents of `schema`. Throws UNSUPPORTED_PARAMETER that names what can't be expressed and where. */
export function jsonSchemaRule(rules: Rules, root: unknown): string {
	const references = new Map<string, string>();
	let any: string | undefined;
	let schemas = 0;

	function resolve(reference: unknown, place: string): unknown {
		if (typeof reference !== 'string' || !/^#(?:\/|$)/.test(reference)) refuse(place, `$ref to ${JSON.stringify(reference).slice(0, 100)}, which is not within the schema`);
		let found: unknown = root;
		for (const step of (reference as string).slice(1).split('/').slice(1)) {
			const name = stepName(step);
			found = name !== undefined && typeof found === 'object' && found !== null && Object.hasOwn(found, name) ? (found as Schema)[name] : undefined;
		}
		return found === undefined ? refuse(place, `$ref to ${(reference as string).slice(0, 100)}, where there is nothing`) : found;
	}

	/** A reference is a rule by itself, so that a schema can contain itself. */
	function referred(reference: unknown, place: string, depth: number): string {
		const key = String(reference);
		let name = references.get(key);
		if (name === undefined) {
			const target = resolve(reference, place);
			references.set(key, (name = rules.reserve()));
			rules.alias(name, valueRule(target, key.slice(0, 300), depth + 1) ?? refuse(place, `$ref to ${key.slice(0, 100)}, which no value satisfies`));
		}
		return name;
	}

	/** What the schema says of its values, without annotations. */
	function words(schema: Schema, place: string): Schema {
		const said = Object.entries(schema).filter(([keyword, value]) => !annotations.has(keyword) && !keyword.startsWith('x-') && value !== undefined);
		for (const [keyword] of said) if (!known.has(keyword)) refuse(place, `the keyword ${JSON.stringify(keyword)}`);
		return Object.fromEntries(said);
	}

	/** The schemas, free of references and combinations, of which each takes a part of the values. */
	function alternativesOf(schema: unknown, place: string, depth: number): Schema[] {
		if (depth > deepest || ++schemas > mostSchemas) refuse(place, 'a schema that is too large, too deep or contains itself in allOf');
		if (schema === false) return [];
		if (schema === true) return [{}];
		if (!isSchema(schema)) return refuse(place, 'a schema that is no object');
		const said = words(schema, place);
		let found: Schema[] = [Object.fromEntries(Object.entries(said).filter(([keyword]) => !combining.includes(keyword)))];
		const both = (others: Schema[]): void => {
			found = found.flatMap((one) => others.map((other) => mergeSchemas(one, other, place))).flatMap((merged) => (merged === false ? [] : [merged as Schema]));
			if (found.length > mostAlternatives) refuse(place, `more than ${mostAlternatives} combinations of alternatives`);
		};
		if ('$ref' in said) both(alternativesOf(resolve(said['$ref'], place), place, depth + 1));
		for (const part of listOf(said, 'allOf', place)) both(alternativesOf(part, place, depth + 1));
		for (const keyword of ['anyOf', 'oneOf']) {
			if (!(keyword in said)) continue;
			if (keyword === 'oneOf') assertApart(listOf(said, keyword, place), place, depth);
			both(listOf(said, keyword, place).flatMap((part) => alternativesOf(part, place, depth + 1)));
		}
		return found;
	}

	function listOf(said: Schema, keyword: string, place: string): unknown[] {
		const list = said[keyword] ?? [];
		return Array.isArray(list) ? list : refuse(place, `${keyword} that is no list`);
	}

	/** `oneOf` takes no value that two alternatives take: they must have nothing in common. */
	function assertApart(parts: unknown[], place: string, depth: number): void {
		const all = parts.map((part) => alternativesOf(part, place, depth + 1));
		const overlap = all.some((ones, i) => all.slice(i + 1).some((others) => ones.some((one) => others.some((other) => !areApart(one, other)))));
		if (overlap) refuse(place, 'oneOf with alternatives that may overlap; use anyOf, or give each a type or a constant of its own');
	}

	function areApart(a: Schema, b: Schema): boolean {
		const tag = (schema: unknown): unknown[] | undefined => (!isSchema(schema) ? undefined : 'const' in schema ? [schema['const']] : (schema['enum'] as unknown[] | undefined));
		const haveNoneInCommon = (one: unknown[] | undefined, other: unknown[] | undefined) => !!one && !!other && !one.some((value) => other.some((twin) => JSON.stringify(value) === JSON.stringify(twin)));
		const kinds = (schema: Schema) => typesOf(schema)?.map((type) => (type === 'integer' ? 'number' : type));
		if (haveNoneInCommon(tag(a), tag(b)) || haveNoneInCommon(kinds(a), kinds(b))) return true;
		const required = ((a['required'] as string[] | undefined) ?? []).filter((name) => ((b['required'] as string[] | undefined) ?? []).includes(name));
		const property = (schema: Schema, name: string) => (schema['properties'] as Schema | undefined)?.[name];
		return isSchema(a['properties']) && isSchema(b['properties']) && required.some((name) => haveNoneInCommon(tag(property(a, name)), tag(property(b, name))));
	}

	/** Undefined: no value satisfies it. */
	function valueRule(schema: unknown, place: string, depth: number): string | undefined {
		if (depth > deepest || ++schemas > mostSchemas) refuse(place, 'a schema that is too large or too deep');
		if (schema === false) return undefined;
		if (schema === true) return (any ??= anyValue(rules));
		if (!isSchema(schema)) return refuse(place, 'a schema that is no object');
		const said = words(schema, place);
		const keywords = Object.keys(said);
		if (keywords.length === 1 && '$ref' in said) return referred(said['$ref'], place, depth);
		if (keywords.length === 1 && 'anyOf' in said) return unionOf(listOf(said, 'anyOf', place).map((part, i) => valueRule(part, `${place}/anyOf/${i}`, depth + 1)));
		if (keywords.some((keyword) => combining.includes(keyword))) return unionOf(alternativesOf(said, place, depth).map((one) => plainRule(one, place, depth)));
		return plainRule(said, place, depth);
	}

	function unionOf(found: (string | undefined)[]): string | undefined {
		const names = [...new Set(found.filter((name) => name !== undefined))];
		return names.length === 0 ? undefined : rules.union(names);
	}

	/** The types that a schema names, or the one that its keywords speak of. */
	function typesOf(said: Schema): string[] | undefined {
		if (said['type'] !== undefined) return (Array.isArray(said['type']) ? said['type'] : [said['type']]) as string[];
		const spokenOf = Object.keys(families).find((type) => families[type]!.some((keyword) => keyword in said));
		return spokenOf === undefined ? undefined : [spokenOf];
	}

	function plainRule({ nullable, ...said }: Schema, place: string, depth: number): string | undefined {
		if (nullable === true && !('enum' in said)) return unionOf([plainRule(said, place, depth), rules.add('"null"')]);
		if ('const' in said || 'enum' in said) return listedRule(said, place);
		const types = typesOf(said);
		if (!types) return (any ??= anyValue(rules));
		return unionOf(types.filter((type) => type !== 'integer' || !types.includes('number')).map((type) => typedRule(type, said, place, depth)));
	}

	function listedRule(said: Schema, place: string): string | undefined {
		const further = Object.keys(said).find((keyword) => !['const', 'enum', 'type'].includes(keyword));
		if (further !== undefined) refuse(place, `enum or const together with ${JSON.stringify(further)}`);
		const types = typesOf(said);
		const listed = 'enum' in said ? listOf(said, 'enum', place) : [said['const']];
		const values = 'const' in said ? listed.filter((value) => JSON.stringify(value) === JSON.stringify(said['const'])) : listed;
		return unionOf(values.filter((value) => !types || types.some((type) => isOfType(value, type))).map((value) => rules.add(literal(JSON.stringify(value)))));
	}

	function isOfType(value: unknown, type: string): boolean {
		if (type === 'integer') return Number.isInteger(value);
		return type === (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);
	}

	function typedRule(type: string, said: Schema, place: string, depth: number): string | undefined {
		switch (type) {
			case 'null': return rules.add('"null"');
			case 'boolean': return rules.add('"true" | "false"');
			case 'string': return stringRule(rules, checked(said, families['string']!, place), place);
			case 'number': return numberRule(rules, checked(said, families['number']!, place), false, place);
			case 'integer': return numberRule(rules, checked(said, families['number']!, place), true, place);
			case 'array': return listRule(said, place, depth);
			case 'object': return recordRule(said, place, depth);
			default: return refuse(place, `the type ${JSON.stringify(type).slice(0, 100)}`);
		}
	}

	/** The keywords' values, of the types that they must have. */
	function checked(said: Schema, keywords: readonly string[], place: string): Record<string, never> {
		const given = keywords.filter((keyword) => keyword in said);
		for (const keyword of given) {
			const isText = keyword === 'pattern' || keyword === 'format';
			const value = said[keyword];
			const isRight = isText ? typeof value === 'string' : typeof value === 'number' && Number.isFinite(value) && (!/Length|Items/.test(keyword) || (Number.isInteger(value) && value >= 0)) && (keyword !== 'multipleOf' || value > 0);
			if (!isRight) refuse(place, `${keyword} of ${JSON.stringify(value).slice(0, 50)}`);
		}
		return Object.fromEntries(given.map((keyword) => [keyword, said[keyword] as never]));
	}

	function listRule(said: Schema, place: string, depth: number): string | undefined {
		const { minItems = 0, maxItems = Infinity } = checked(said, ['minItems', 'maxItems'], place) as { minItems?: number; maxItems?: number };
		if (said['uniqueItems'] === true && maxItems > 1) refuse(place, 'uniqueItems');
		if (Math.max(minItems, maxItems === Infinity ? 0 : maxItems) > mostRepetitions) refuse(place, `more than ${mostRepetitions} items`);
		const first = listOf(said, 'prefixItems', place).map((item, i) => valueRule(item, `${place}/prefixItems/${i}`, depth + 1));
		const end = first.indexOf(undefined);
		if (maxItems === 0) return arrayRule(rules, [], undefined, minItems, 0);
		const rest = end >= 0 ? undefined : valueRule(said['items'] ?? true, `${place}/items`, depth + 1);
		return arrayRule(rules, (end >= 0 ? first.slice(0, end) : first) as string[], rest, minItems, maxItems);
	}

	function recordRule(said: Schema, place: string, depth: number): string | undefined {
		const { properties = {}, additionalProperties } = said;
		if (!isSchema(properties)) refuse(place, 'properties that are no object');
		const required = listOf(said, 'required', place) as string[];
		if (required.some((name) => typeof name !== 'string')) refuse(place, 'required with what is no name');
		const names = [...new Set([...Object.keys(properties as Schema), ...required])];
		const isFree = names.length === 0 && additionalProperties === undefined && said['unevaluatedProperties'] !== false;
		// what is not mentioned is left out, unless nothing is
		const additional = isFree ? (any ??= anyValue(rules)) : additionalProperties === undefined ? undefined : valueRule(additionalProperties, `${place}/additionalProperties`, depth + 1);
		assertCounts(said, required.length, additional === undefined ? names.length : Infinity, place);
		const found: Property[] = [];
		for (const name of names) {
			const isDeclared = Object.hasOwn(properties as Schema, name);
			const value = valueRule(isDeclared ? (properties as Schema)[name] : (additionalProperties ?? true), `${place}/properties${pointerStep(name)}`, depth + 1);
			const isRequired = required.includes(name);
			if (value !== undefined) found.push({ name, value, isRequired });
			else if (isRequired) return undefined;
		}
		return objectRule(rules, found, additional, place);
	}

	/** minProperties and maxProperties only where the other keywords keep them anyway. */
	function assertCounts({ minProperties = 0, maxProperties = Infinity }: Schema, least: number, most: number, place: string): void {
		if ((minProperties as number) > least) refuse(place, 'minProperties above the number of required properties');
		if ((maxProperties as number) < most) refuse(place, 'maxProperties below the number of properties');
	}

	return valueRule(root, '#', 0) ?? refuse('#', 'no value satisfies it');
}
