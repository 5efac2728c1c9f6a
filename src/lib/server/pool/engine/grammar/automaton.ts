/**
 * Finite automata over code points. A pattern becomes a deterministic one, because llama.cpp follows every way to read a text
 * at once: of `(a*)*` there are so many that a sampling step would never end, of a deterministic automaton there is one.
 */
import { complement, intersection, jsonTerminals, union, type CodePoints } from './code-points.ts';
import { refuse } from './refuse.ts';
import type { Rules } from './rules.ts';

export type Edge = { on: CodePoints; to: number };
/** State 0 is the start; the edges of a state do not overlap. */
export type Automaton = { edges: Edge[][]; accepts: boolean[] };

/** states of an automaton, and of the one that a pattern is unrolled to */
export const mostStates = 4000;
/** pairs of edges that are compared to make an automaton deterministic: under a second */
const mostComparisons = 5_000_000;

export type Node =
	| { type: 'set'; set: CodePoints }
	| { type: 'all'; nodes: Node[] }
	| { type: 'either'; nodes: Node[] }
	| { type: 'repeat'; node: Node; min: number; max: number };

type Loose = { on: CodePoints; to: number }[][];

/** Thompson's construction, with steps on nothing. Bounded. */
function looseOf(node: Node, place: string): { edges: Loose; free: number[][]; end: number } {
	const edges: Loose = [];
	const free: number[][] = [];
	const state = (): number => {
		if (edges.length >= mostStates * 4) refuse(place, 'the pattern is too large');
		free.push([]);
		return edges.push([]) - 1;
	};
	function build(part: Node, from: number): number {
		if (part.type === 'set') {
			const to = state();
			edges[from]!.push({ on: part.set, to });
			return to;
		}
		if (part.type === 'all') return part.nodes.reduce((at, next) => build(next, at), from);
		if (part.type === 'either') {
			const end = state();
			for (const choice of part.nodes) {
				const start = state();
				free[from]!.push(start);
				free[build(choice, start)]!.push(end);
			}
			return end;
		}
		let at = from;
		for (let i = 0; i < part.min; i++) at = build(part.node, at);
		const end = state();
		if (part.max === Infinity) {
			const loop = state();
			free[at]!.push(loop);
			free[build(part.node, loop)]!.push(loop);
			free[loop]!.push(end);
			return end;
		}
		for (let i = part.min; i < part.max; i++) {
			free[at]!.push(end);
			at = build(part.node, at);
		}
		free[at]!.push(end);
		return end;
	}
	const end = build(node, state());
	return { edges, free, end };
}

/** Disjoint pieces of all sets, each with the targets of the sets that it is in. */
function split(edges: readonly Edge[]): { on: [number, number]; to: number[] }[] {
	const cuts = [...new Set(edges.flatMap(({ on }) => on.flatMap(([first, last]) => [first, last + 1])))].sort((a, b) => a - b);
	return cuts.slice(0, -1).flatMap((first, i) => {
		const to = edges.filter(({ on }) => on.some((range) => range[0] <= first && first <= range[1])).map((edge) => edge.to);
		return to.length === 0 ? [] : [{ on: [first, cuts[i + 1]! - 1] as [number, number], to }];
	});
}

/** Builds an automaton state by state from `start`; `key` names a state, `next` tells its edges. Bounded. */
function explore<T>(start: T, key: (state: T) => string, next: (state: T) => { on: CodePoints; to: T }[], accepts: (state: T) => boolean, place: string): Automaton {
	const automaton: Automaton = { edges: [], accepts: [] };
	const known = new Map<string, number>();
	const todo: T[] = [];
	const numberOf = (state: T): number => {
		const name = key(state);
		let number = known.get(name);
		if (number === undefined) {
			number = todo.push(state) - 1;
			if (number >= mostStates) refuse(place, 'the pattern has too many cases');
			known.set(name, number);
		}
		return number;
	};
	numberOf(start);
	for (let i = 0; i < todo.length; i++) {
		const merged = new Map<number, CodePoints>();
		for (const { on, to } of next(todo[i]!)) merged.set(numberOf(to), union(merged.get(numberOf(to)) ?? [], on));
		automaton.edges.push([...merged].map(([to, on]) => ({ on, to })));
		automaton.accepts.push(accepts(todo[i]!));
	}
	return automaton;
}

/** The deterministic automaton of a pattern, by its sets of states. */
export function automatonOf(node: Node, place: string): Automaton {
	const { edges, free, end } = looseOf(node, place);
	const closure = (states: Iterable<number>): number[] => {
		const seen = new Set<number>();
		const todo = [...states];
		for (let state = todo.pop(); state !== undefined; state = todo.pop()) {
			if (seen.has(state)) continue;
			seen.add(state);
			todo.push(...free[state]!);
		}
		return [...seen].sort((a, b) => a - b);
	};
	let comparisons = 0;
	const leaving = (states: number[]): Edge[] => {
		const out = states.flatMap((state) => edges[state]!);
		comparisons += out.length ** 2;
		if (comparisons > mostComparisons) refuse(place, 'the pattern has too many cases');
		return out;
	};
	return explore(
		closure([0]),
		(states) => states.join(),
		(states) => split(leaving(states)).map(({ on, to }) => ({ on: [on], to: closure(to) })),
		(states) => states.includes(end),
		place
	);
}

/** Texts that both take. */
export function both(a: Automaton, b: Automaton, place: string): Automaton {
	return explore<[number, number]>(
		[0, 0],
		(pair) => pair.join(),
		([i, j]) => a.edges[i]!.flatMap((one) => b.edges[j]!.map((other) => ({ on: intersection(one.on, other.on), to: [one.to, other.to] as [number, number] }))).filter(({ on }) => on.length > 0),
		([i, j]) => a.accepts[i]! && b.accepts[j]!,
		place
	);
}

/** Texts of `min` to `max` code points. */
export function ofLength(a: Automaton, min: number, max: number, place: string): Automaton {
	const most = max === Infinity ? min : max;
	return explore<[number, number]>(
		[0, 0],
		(pair) => pair.join(),
		([state, length]) => (length >= max ? [] : a.edges[state]!.map(({ on, to }) => ({ on, to: [to, Math.min(length + 1, most)] as [number, number] }))),
		([state, length]) => a.accepts[state]! && length >= min,
		place
	);
}

/** All texts but these. */
export function allBut(texts: readonly string[], place: string): Automaton {
	const sorted = new Set(texts);
	const isBeginning = (text: string) => texts.some((one) => one.startsWith(text));
	return explore<string | null>(
		'',
		(state) => (state === null ? 'free' : `=${state}`),
		(state) => {
			if (state === null) return [{ on: complement([]), to: null }];
			const letters = [...new Set(texts.filter((text) => text.startsWith(state)).map((text) => text.slice(state.length)).filter((rest) => rest !== '').map((rest) => String.fromCodePoint(rest.codePointAt(0)!)))];
			const known = letters.map((letter) => ({ on: [[letter.codePointAt(0)!, letter.codePointAt(0)!]] as CodePoints, to: state + letter })).filter(({ to }) => isBeginning(to));
			return [...known, { on: complement(union(...known.map(({ on }) => on))), to: null }];
		},
		(state) => state === null || !sorted.has(state),
		place
	);
}

/** The states from which an end can be reached. */
function living({ edges, accepts }: Automaton): Set<number> {
	const into = edges.map((): number[] => []);
	edges.forEach((out, from) => out.forEach(({ to }) => into[to]!.push(from)));
	const alive = new Set<number>();
	const todo = accepts.flatMap((accepted, state) => (accepted ? [state] : []));
	for (let state = todo.pop(); state !== undefined; state = todo.pop()) {
		if (alive.has(state)) continue;
		alive.add(state);
		todo.push(...into[state]!);
	}
	return alive;
}

/** What follows the opening quote of a JSON string, its closing one included. Undefined when the automaton takes no text. */
export function jsonStringRest(rules: Rules, automaton: Automaton): string | undefined {
	const alive = living(automaton);
	if (!alive.has(0)) return undefined;
	const names = new Map([...alive].map((state) => [state, rules.reserve()]));
	for (const [state, name] of names) {
		const steps = automaton.edges[state]!.filter(({ to }) => alive.has(to)).flatMap(({ on, to }) => jsonTerminals(on).map((terminal) => `${terminal} ${names.get(to)!}`));
		rules.define(name, [...(automaton.accepts[state] ? ['"\\""'] : []), ...steps].join(' | '));
	}
	return names.get(0)!;
}
