/** From tokens to text that may be shown: whole characters only, reasoning apart from content, nothing past a stop string. Pure. */
import { commonThoughtMarks, type ThoughtMarks } from './thought-marks.ts';

export type Detokenize = (tokens: number[], preceding: number[]) => string;

/** A character of more tokens than this is not coming: the bytes are broken, show them as they are. */
const heldTokens = 8;
/** how many tokens before decide whether a space belongs between words */
const recentTokens = 3;

export type Detokenizer = { push(token: number): string; flush(): string; /** a token waits for the rest of its character */ readonly isHolding: boolean };

/** Withholds tokens while their bytes end within a character (U+FFFD). */
export function createDetokenizer(detokenize: Detokenize, promptTail: readonly number[] = []): Detokenizer {
	let held: number[] = [];
	let preceding = promptTail.slice(-recentTokens);
	const release = (text: string) => {
		preceding = [...preceding, ...held].slice(-recentTokens);
		held = [];
		return text;
	};
	return {
		push(token) {
			held.push(token);
			const text = detokenize(held, preceding);
			return text.endsWith('\ufffd') && held.length < heldTokens ? '' : release(text);
		},
		flush: () => (held.length === 0 ? '' : release(detokenize(held, preceding))),
		get isHolding() {
			return held.length > 0;
		}
	};
}

/** Length of the longest end of `text` that could be the beginning of `pattern` (but not all of it). */
export function partialMatch(text: string, pattern: string): number {
	for (let length = Math.min(text.length, pattern.length - 1); length > 0; length--) if (pattern.startsWith(text.slice(-length))) return length;
	return 0;
}

export type StopMatcher = { push(text: string): { text: string; stopped: boolean; /** which stop string it was */ by?: string }; flush(): string };

/** Passes text on up to the first stop string, and withholds what may turn out to be the beginning of one. */
export function createStopMatcher(stops: readonly string[]): StopMatcher {
	let held = '';
	return {
		push(text) {
			held += text;
			const found = stops.map((stop) => ({ stop, at: held.indexOf(stop) })).filter(({ at }) => at >= 0);
			if (found.length > 0) {
				const first = found.reduce((a, b) => (b.at < a.at ? b : a));
				const shown = held.slice(0, first.at);
				held = '';
				return { text: shown, stopped: true, by: first.stop };
			}
			const keep = Math.max(0, ...stops.map((stop) => partialMatch(held, stop)));
			const shown = held.slice(0, held.length - keep);
			held = held.slice(held.length - keep);
			return { text: shown, stopped: false };
		},
		flush() {
			const rest = held;
			held = '';
			return rest;
		}
	};
}

/** Leaves a text as it is: a raw prompt's continuation has no thinking that we know of. */
export const noReasoning: ReasoningSplitter = { push: (text) => (text === '' ? [] : [{ type: 'text', text }]), flush: () => [], isReasoning: false };

export type TextPart = { type: 'text' | 'reasoning'; text: string };
export type ReasoningSplitter = { push(text: string): TextPart[]; flush(): TextPart[]; readonly isReasoning: boolean };

/**
 * Splits a leading thought from the answer; the white space around its marks belongs to neither.
 * `startsOpen`: the prompt already ended with the opening mark. Marks later in the text are content.
 */
export function createReasoningSplitter(startsOpen: boolean, { open, close }: ThoughtMarks = commonThoughtMarks): ReasoningSplitter {
	let state: 'start' | 'reasoning' | 'closed' | 'content' = startsOpen ? 'reasoning' : 'start';
	let held = '';
	let shownReasoning = false;

	const part = (type: TextPart['type'], text: string): TextPart[] => (text === '' ? [] : [{ type, text }]);
	function reasoning(text: string): TextPart[] {
		const shown = shownReasoning ? text : text.trimStart();
		shownReasoning ||= shown !== '';
		return part('reasoning', shown);
	}

	function push(text: string): TextPart[] {
		held += text;
		if (state === 'content') {
			const shown = held;
			held = '';
			return part('text', shown);
		}
		if (state === 'closed') {
			held = held.trimStart();
			if (held === '') return [];
			state = 'content';
			return push('');
		}
		if (state === 'start') {
			const begun = held.trimStart();
			if (open.startsWith(begun) && begun !== open) return [];
			const isOpen = begun.startsWith(open);
			state = isOpen ? 'reasoning' : 'content';
			if (isOpen) held = begun.slice(open.length);
			return push('');
		}
		const end = held.indexOf(close);
		if (end >= 0) {
			const thought = held.slice(0, end).trimEnd();
			held = held.slice(end + close.length);
			state = 'closed';
			return [...reasoning(thought), ...push('')];
		}
		const shown = held.slice(0, held.length - partialMatch(held, close)).trimEnd();
		held = held.slice(shown.length);
		return reasoning(shown);
	}

	return {
		push,
		flush() {
			const rest = held;
			held = '';
			return state === 'reasoning' ? reasoning(rest.trimEnd()) : state === 'closed' ? [] : part('text', rest);
		},
		get isReasoning() {
			return state === 'reasoning';
		}
	};
}
