/**
 * OpenAI's harmony format, which gpt-oss speaks: an answer is messages, each for a channel (analysis, commentary, final) and, when it
 * calls a tool, with a recipient, between control tokens. Their texts are read here, and never shown. Pure.
 * https://cookbook.openai.com/articles/openai-harmony
 */
import type { TextPart } from './text-stream.ts';
import { newCallId, type CallPart } from './tool-call-parser.ts';

/** The control tokens of the format. */
export const harmonyMarks: ReadonlySet<string> = new Set(['<|start|>', '<|channel|>', '<|constrain|>', '<|message|>', '<|end|>', '<|call|>', '<|return|>']);

/** Whether a chat template writes in this format. */
export const isHarmony = (template: string): boolean => ['<|start|>', '<|channel|>', '<|message|>'].every((mark) => template.includes(mark));

/** What a thought that must end is ended with: the answer itself begins. */
export const harmonyThoughtEnd = '<|end|><|start|>assistant<|channel|>final<|message|>';

export type HarmonyReader = {
	/** Takes text of ordinary tokens. */
	push(text: string): (TextPart | CallPart)[];
	/** Nothing is withheld. */
	flush(): [];
	/** Takes the text of a control token. */
	mark(text: string): void;
	/** Whether it thinks just now. */
	readonly isReasoning: boolean;
	/** calls that were begun */
	readonly calls: number;
};

const markPattern = new RegExp([...harmonyMarks].map((mark) => mark.replaceAll('|', '\\|')).join('|'));
/** A mark's beginning at the end of a text. */
const openMark = /<(\|[a-z]{0,9}\|?)?$/;

/**
 * Reads an answer from after `<|start|>assistant`, where the prompt ends. What comes without any header is the answer itself.
 * @param isSpelled a grammar wants the marks' texts, and takes them letter by letter, too: they are looked for in the text, up to the
 * answer itself, which the grammar lets nothing follow
 */
export function createHarmonyReader(isSpelled = false): HarmonyReader {
	let state: 'start' | 'header' | 'body' | 'between' = isSpelled ? 'between' : 'start';
	let held = '';
	let header = '';
	let to: { type: 'text' | 'reasoning' } | { type: 'toolCall'; id: string; name: string; isTold: boolean } = { type: 'text' };
	let calls = 0;

	/** Whom a message's header says that it is for. Only functions are offered, so whatever it calls is one. */
	function recipient(): typeof to {
		const name = /\bto=(?:functions\.)?([^\s<]+)/.exec(header)?.[1];
		if (name !== undefined) return { type: 'toolCall', id: newCallId(), name, isTold: false };
		return { type: /<\|channel\|>\s*analysis/.test(header) ? 'reasoning' : 'text' };
	}

	function shown(text: string): (TextPart | CallPart)[] {
		if (to.type !== 'toolCall') return text === '' ? [] : [{ type: to.type, text }];
		const { id, name, isTold } = to;
		if (text === '' && isTold) return [];
		to.isTold = true;
		return [{ type: 'toolCall', index: calls - 1, id, ...(isTold ? {} : { name }), argumentsDelta: text }];
	}

	function take(text: string): (TextPart | CallPart)[] {
		if (state === 'start' && text !== '') state = 'body';
		if (state === 'body') return shown(text);
		if (state === 'header') header += text;
		return [];
	}

	/** Takes a text in which marks may be spelled. */
	function spell(text: string): (TextPart | CallPart)[] {
		const parts: (TextPart | CallPart)[] = [];
		held += text;
		for (;;) {
			if (state === 'body' && to.type !== 'reasoning') return [...parts, ...take(release())];
			const found = markPattern.exec(held);
			if (!found) return [...parts, ...take(release(openMark.exec(held)?.[0].length))];
			parts.push(...take(held.slice(0, found.index)));
			held = held.slice(found.index + found[0].length);
			mark(found[0]);
		}
	}

	function release(but = 0): string {
		const released = held.slice(0, held.length - but);
		held = held.slice(released.length);
		return released;
	}

	function mark(text: string): void {
		if (text === '<|message|>') {
			to = recipient();
			if (to.type === 'toolCall') calls++;
			state = 'body';
		} else if (text === '<|channel|>' || text === '<|constrain|>') {
			header = state === 'header' ? header + text : text;
			state = 'header';
		} else {
			header = '';
			state = text === '<|start|>' ? 'header' : 'between';
		}
	}

	return {
		push: isSpelled ? spell : take,
		flush: () => [],
		mark,
		get isReasoning() {
			return state === 'body' && to.type === 'reasoning';
		},
		get calls() {
			return calls;
		}
	};
}
