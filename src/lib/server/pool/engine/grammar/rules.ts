/** Rules of a grammar in llama.cpp's GBNF, and what is built of them. Each distinct body is one rule. */
import { refuse } from './refuse.ts';

/** characters of a grammar's text; llama.cpp parses as much in about 50 ms */
const mostCharacters = 1_000_000;
/** llama.cpp unrolls repetitions; beyond this they are made of blocks */
const unrolled = 256;
/** of a repetition: 256 blocks of 256 */
export const mostRepetitions = unrolled * unrolled;

export type Rules = {
	/** The name of the rule with this body. */
	add(body: string): string;
	/** A name whose body comes later. */
	reserve(): string;
	define(name: string, body: string): void;
	/** One of several rules. Unions of unions are made flat, since llama.cpp visits each path to a rule that may come first. */
	union(names: readonly string[]): string;
	/** The name that stands for another, which may be reserved still. */
	alias(name: string, target: string): void;
	/** The whole grammar; `root` is the body of its first rule. Refuses names that stand only for each other. */
	text(root: string): string;
};

export function createRules(): Rules {
	const bodies = new Map<string, string>();
	const names = new Map<string, string>();
	const unions = new Map<string, readonly string[]>();
	let count = 0;
	let characters = 0;

	function define(name: string, body: string): void {
		characters += name.length + body.length + 6;
		if (characters > mostCharacters) refuse('#', 'it makes too large a grammar');
		bodies.set(name, body);
	}

	function named(key: string, make: (name: string) => void): string {
		let name = names.get(key);
		if (name === undefined) {
			name = `r${count++}`;
			names.set(key, name);
			make(name);
		}
		return name;
	}

	/** The rules behind a name that are no unions. */
	function leaves(name: string): Set<string> {
		const found = new Set<string>();
		const seen = new Set<string>();
		const todo = [name];
		for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
			if (seen.has(next)) continue;
			seen.add(next);
			const members = unions.get(next);
			if (members) todo.push(...members.toReversed());
			else found.add(next);
		}
		return found;
	}

	return {
		add: (body) => named(body, (name) => define(name, body)),
		reserve: () => `r${count++}`,
		define,
		union: (members) => (members.length === 1 ? members[0]! : named(`|${members.join('|')}`, (name) => unions.set(name, members))),
		alias: (name, target) => void unions.set(name, [target]),
		text(root) {
			for (const name of unions.keys()) {
				const found = [...leaves(name)];
				if (found.length === 0) refuse('#', 'a $ref refers to nothing but itself');
				define(name, found.join(' | '));
			}
			return [`root ::= ${root}`, ...[...bodies].map(([name, body]) => `${name} ::= ${body}`)].join('\n');
		}
	};
}

/** A text as a terminal. */
export function literal(text: string): string {
	return `"${text.replace(/[\\"]/g, '\\$&').replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`;
}

/** `item`, a name or a terminal, `min` to `max` times (Infinity = without bound; both at most {@link mostRepetitions}). */
export function repeat(rules: Rules, item: string, min: number, max: number): string {
	if (max === Infinity) return min === 0 ? `${item}*` : `${exactly(rules, item, min)} ${item}*`;
	if (max <= unrolled) return max === 0 ? '""' : `${item}{${min},${max}}`;
	return min === 0 ? upTo(rules, item, max) : `${exactly(rules, item, min)} ${upTo(rules, item, max - min)}`;
}

function exactly(rules: Rules, item: string, count: number): string {
	if (count <= unrolled) return `${item}{${count}}`;
	const blocks = `${rules.add(`${item}{${unrolled}}`)}{${Math.floor(count / unrolled)}}`;
	return count % unrolled === 0 ? blocks : `${blocks} ${item}{${count % unrolled}}`;
}

/** Whole blocks and then a part of one: at most two ways to read any text, where a repetition of a repetition has many. */
function upTo(rules: Rules, item: string, count: number): string {
	if (count <= unrolled) return count === 0 ? '""' : `${item}{0,${count}}`;
	const size = Math.ceil(Math.sqrt(count));
	const block = rules.add(`${item}{${size}}`);
	const part = rules.add(`${item}{0,${size - 1}}`);
	let rest = rules.add(count % size === 0 ? '""' : `${item}{0,${count % size}}`);
	for (let i = Math.floor(count / size); i > 0; i--) rest = rules.add(`${block} ${rest} | ${part}`);
	return rest;
}
