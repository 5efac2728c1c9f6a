/** Objects and arrays of a JSON schema, of the rules of their parts. */
import { allBut, jsonStringRest } from './automaton.ts';
import { literal, repeat, type Rules } from './rules.ts';

/** White space where a model may want it, bounded: an answer of spaces alone would never end. */
export const space = (rules: Rules): string => rules.add('"" | " " | "\\n" [ \\t]{0,20}');

export type Property = { name: string; value: string; isRequired: boolean };

/** The properties in their order, the optional ones left out or not, then `additional` ones of any other name. */
export function objectRule(rules: Rules, properties: readonly Property[], additional: string | undefined, place: string): string {
	const ws = space(rules);
	const pair = (key: string, value: string) => rules.add(`${key} ${ws} ":" ${ws} ${value}`);
	let first = rules.add('""');
	let further = first;
	if (additional !== undefined) {
		const key = rules.add(`${literal('"')} ${jsonStringRest(rules, allBut(properties.map(({ name }) => name), place))!}`);
		const one = pair(key, additional);
		further = rules.reserve();
		rules.define(further, `"," ${ws} ${one} ${further} | ""`);
		first = rules.add(`${one} ${further} | ""`);
	}
	for (const { name, value, isRequired } of properties.toReversed()) {
		const one = pair(literal(JSON.stringify(name)), value);
		first = rules.add(`${one} ${further}${isRequired ? '' : ` | ${first}`}`);
		further = rules.add(`"," ${ws} ${one} ${further}${isRequired ? '' : ` | ${further}`}`);
	}
	return rules.add(`"{" ${ws} ${first} ${ws} "}"`);
}

/** `first`: the rules of the first items in their order; `rest`: that of all further ones; `min` to `max` items. Undefined when none fits. */
export function arrayRule(rules: Rules, first: readonly string[], rest: string | undefined, min: number, max: number): string | undefined {
	const most = rest === undefined ? Math.min(max, first.length) : max;
	if (most < min) return undefined;
	const ws = space(rules);
	const separator = rules.add(`${ws} "," ${ws}`);
	const listed = first.slice(0, most === Infinity ? undefined : most);
	// items after the listed ones, each with its separator
	let tail = '""';
	if (rest !== undefined && most > listed.length) tail = repeat(rules, rules.add(`${separator} ${rest}`), Math.max(0, min - listed.length), most - listed.length);
	for (const [i, item] of [...listed.entries()].toReversed()) {
		const next = rules.add(`${i === 0 ? '' : `${separator} `}${item} ${tail}`);
		tail = i >= min ? rules.add(`${next} | ""`) : next;
	}
	if (listed.length > 0 || rest === undefined || most === 0) return rules.add(`"[" ${ws} ${tail} ${ws} "]"`);
	const items = rules.add(`${rest} ${repeat(rules, rules.add(`${separator} ${rest}`), Math.max(0, min - 1), most - 1)}`);
	return rules.add(`"[" ${ws} ${min === 0 ? rules.add(`${items} | ""`) : items} ${ws} "]"`);
}
