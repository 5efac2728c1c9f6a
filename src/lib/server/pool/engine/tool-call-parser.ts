/** From the text of an answer to text and tool calls, as it comes. The grammar sees to it that calls are well formed. Pure. */
import { randomBytes } from 'node:crypto';
import type { ChatEvent } from '../../../contract/chat.ts';
import { partialMatch } from './text-stream.ts';
import type { ToolSyntax } from './tool-syntax.ts';

export type CallPart = { type: 'text'; text: string } | Omit<Extract<ChatEvent, { type: 'toolCall' }>, 'choice'>;

export type ToolCallParser = {
	push(text: string): CallPart[];
	/** What was withheld, at the end. */
	flush(): CallPart[];
	/** calls that are complete */
	readonly complete: number;
};

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const randomId = (length: number) => Array.from(randomBytes(length), (byte) => letters[byte % letters.length]).join('');

/** A new id; `length`: letters and digits alone, as Mistral's templates want. */
export const newCallId = (length?: number): string => (length === undefined ? `call_${randomId(24)}` : randomId(length));

/** Where a JSON object ends in pieces of text: the index after its last brace in this piece, or −1. */
function createObjectScanner(): (text: string) => number {
	let depth = 0;
	let inString = false;
	let isEscaped = false;
	return (text) => {
		for (let i = 0; i < text.length; i++) {
			const letter = text[i]!;
			if (isEscaped) isEscaped = false;
			else if (inString) {
				if (letter === '\\') isEscaped = true;
				else if (letter === '"') inString = false;
			} else if (letter === '"') inString = true;
			else if (letter === '{' || letter === '[') depth++;
			else if ((letter === '}' || letter === ']') && --depth === 0) return i + 1;
		}
		return -1;
	};
}

export function createToolCallParser({ trigger, isAtStart, lead, between, after, next, idLength, callId }: ToolSyntax): ToolCallParser {
	let state: 'text' | 'skip' | 'name' | 'arguments' | 'next' = 'text';
	let held = '';
	let hasText = false;
	let index = 0;
	let id = '';
	/** characters of the syntax that come before `then` */
	let skipped = 0;
	let then: 'name' | 'next' = 'name';
	let scan = createObjectScanner();

	function shown(text: string): CallPart[] {
		hasText ||= text !== '';
		return text === '' ? [] : [{ type: 'text', text }];
	}

	function skip(length: number, to: 'name' | 'next'): CallPart[] {
		[state, skipped, then] = ['skip', length, to];
		return read();
	}

	function take(length: number): string {
		const taken = held.slice(0, length);
		held = held.slice(taken.length);
		return taken;
	}

	/** Passes text on up to the trigger; white space alone before it is no answer. */
	function readText(): CallPart[] {
		if (isAtStart && hasText) return shown(take(held.length));
		const at = held.indexOf(trigger);
		const isBlank = !hasText && held.slice(0, Math.max(0, at)).trim() === '';
		if (at >= 0 && (!isAtStart || isBlank)) {
			const before = take(at);
			return [...(isBlank ? [] : shown(before)), ...skip(trigger.length + lead.length, 'name')];
		}
		const isOpen = !hasText && trigger.startsWith(held.trimStart());
		return shown(take(isOpen ? 0 : held.length - (isAtStart ? 0 : partialMatch(held, trigger))));
	}

	function readName(): CallPart[] {
		const at = held.indexOf(between);
		if (at < 0) return [];
		const [quoted = '', given = ''] = take(at).split(callId ?? between);
		take(between.length);
		id = given === '' ? newCallId(idLength) : given;
		scan = createObjectScanner();
		state = 'arguments';
		return [{ type: 'toolCall', index, id, name: between.startsWith('"') ? (JSON.parse(`"${quoted}"`) as string) : quoted, argumentsDelta: '' }, ...read()];
	}

	function readArguments(): CallPart[] {
		const end = scan(held);
		const argumentsDelta = take(end < 0 ? held.length : end);
		const delta: CallPart[] = argumentsDelta === '' ? [] : [{ type: 'toolCall', index, id, argumentsDelta }];
		if (end < 0) return delta;
		index++;
		return [...delta, ...skip(after.length, 'next')];
	}

	function read(): CallPart[] {
		switch (state) {
			case 'text': return readText();
			case 'name': return readName();
			case 'arguments': return readArguments();
			case 'skip': {
				skipped -= take(skipped).length;
				if (skipped > 0) return [];
				state = then;
				return read();
			}
			case 'next': return next !== undefined && held.startsWith(next) ? skip(next.length, 'name') : [];
		}
	}

	return {
		push(text) {
			held += text;
			return read();
		},
		flush: () => (state === 'text' && (hasText || held.trim() !== '') ? shown(take(held.length)) : []),
		get complete() {
			return index;
		}
	};
}
