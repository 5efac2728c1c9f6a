/** Strings of a JSON schema: length, pattern and format, alone or together. */
import { automatonOf, both, jsonStringRest, ofLength, type Automaton } from './automaton.ts';
import { readPattern } from './pattern.ts';
import { refuse } from './refuse.ts';
import { literal, mostRepetitions, repeat, type Rules } from './rules.ts';

export type StringLimits = { minLength?: number; maxLength?: number; pattern?: string; format?: string };

const monthDay = '(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|1\\d|2[0-8]))';
const date = `\\d{4}-${monthDay}`;
const time = '(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d{1,9})?(?:Z|[+-](?:[01]\\d|2[0-3]):[0-5]\\d)';
const label = '[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?';
const host = `${label}(?:\\.${label}){0,3}`;
const byte = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const timeParts = 'T(?:\\d{1,4}H(?:\\d{1,4}M(?:\\d{1,4}S)?)?|\\d{1,4}M(?:\\d{1,4}S)?|\\d{1,4}S)';

/** Patterns whose every text is of the format; not every text of the format (29 February is left out). RFC 3339, 5321, 1123, 4291, 9562, 3986. */
const formats: Record<string, string> = {
	'date-time': `${date}T${time}`,
	date,
	time,
	duration: `P(?:\\d{1,4}W|(?:\\d{1,4}Y(?:\\d{1,4}M(?:\\d{1,4}D)?)?|\\d{1,4}M(?:\\d{1,4}D)?|\\d{1,4}D)(?:${timeParts})?|${timeParts})`,
	email: `[a-z0-9_+-]{1,30}(?:\\.[a-z0-9_+-]{1,30}){0,3}@${label}(?:\\.${label}){1,3}`,
	hostname: host,
	ipv4: `${byte}(?:\\.${byte}){3}`,
	ipv6: '[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){7}',
	uuid: '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}',
	uri: `https?://${host}(?::[1-9]\\d{0,3})?(?:/[a-zA-Z0-9._~-]{1,50}){0,9}/?(?:\\?[a-zA-Z0-9._~=&-]{1,200})?`
};

/** One character of any string, as JSON writes it. A surrogate pair of escapes would count as two. */
const character = (rules: Rules): string =>
	rules.add('[\\x20-\\x21\\x23-\\x5B\\x5D-\\x7E\\u00A0-\\uD7FF\\uE000-\\uFFFD\\U00010000-\\U0010FFFF] | "\\\\" ( ["\\\\/bfnrt] | "u" ( [0-9a-cA-CefEF] [0-9a-fA-F]{3} | [dD] [0-7] [0-9a-fA-F]{2} ) )');

const whole = (source: string, place: string): Automaton => automatonOf(readPattern(`^(?:${source})$`, place), place);

/** The rule of a string. Undefined when no string fits. */
export function stringRule(rules: Rules, { minLength = 0, maxLength = Infinity, pattern, format }: StringLimits, place: string): string | undefined {
	if (maxLength < minLength) return undefined;
	if (Math.max(minLength, maxLength === Infinity ? 0 : maxLength) > mostRepetitions) refuse(place, `a length above ${mostRepetitions}`);
	const automata: Automaton[] = [];
	if (pattern !== undefined) automata.push(automatonOf(readPattern(pattern, place), place));
	if (format !== undefined) {
		if (!Object.hasOwn(formats, format)) refuse(place, `the format ${JSON.stringify(format)}`);
		automata.push(whole(formats[format]!, place));
	}
	if (automata.length === 0) return rules.add(`${literal('"')} ${repeat(rules, character(rules), minLength, maxLength)} ${literal('"')}`);
	const joined = automata.reduce((a, b) => both(a, b, place));
	const rest = jsonStringRest(rules, minLength === 0 && maxLength === Infinity ? joined : ofLength(joined, minLength, maxLength, place));
	return rest === undefined ? undefined : rules.add(`${literal('"')} ${rest}`);
}
