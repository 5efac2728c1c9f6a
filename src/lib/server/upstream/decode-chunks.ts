import type { ChatEvent, FinishReason, TokenLogprob } from '../../contract/chat.ts';

/** What an upstream says of an answer's tokens; undefined where it says nothing. */
export type ToldUsage = { promptTokens: number; completionTokens: number; cachedTokens: number; reasoningTokens: number };

/** Decodes one answer's chunks, whoever wrote them: anything that is not as it should be is left out. */
export type ChunkDecoder = {
	/** events of one chunk (or of a whole `chat.completion`): text, reasoning, tool calls */
	read: (chunk: unknown) => ChatEvent[];
	usage: () => ToldUsage | undefined;
	/** finish reasons by choice; empty until the upstream gave one */
	finishes: () => Map<number, FinishReason>;
};

type Row = Record<string, unknown>;
const rowOf = (value: unknown): Row => (typeof value === 'object' && value !== null ? (value as Row) : {});
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const countOf = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) && value > 0 ? Math.min(Math.floor(value), Number.MAX_SAFE_INTEGER) : 0);
const placeOf = (value: unknown, otherwise: number): number => (Number.isInteger(value) && (value as number) >= 0 && (value as number) < 256 ? (value as number) : otherwise);

const reasons: Record<string, FinishReason> = { length: 'length', tool_calls: 'tool_calls', function_call: 'tool_calls' };

/** Of the older completions: lists side by side. */
function olderLogprobsOf(tokens: unknown[], logprobs: unknown, tops: unknown): TokenLogprob[] {
	const one = (token: string, logprob: unknown) => ({ token, logprob: typeof logprob === 'number' && !Number.isNaN(logprob) ? logprob : -9999, bytes: [...Buffer.from(token)] });
	const at = (list: unknown, index: number): unknown => (Array.isArray(list) ? list[index] : undefined);
	return tokens.map((token, index) => ({
		...one(textOf(token), at(logprobs, index)),
		top: Object.entries(rowOf(at(tops, index))).slice(0, 20).map(([other, logprob]) => one(other, logprob))
	}));
}

function logprobsOf(value: unknown): TokenLogprob[] | undefined {
	const { content: rows, tokens, token_logprobs, top_logprobs } = rowOf(value);
	if (Array.isArray(tokens) && tokens.length > 0) return olderLogprobsOf(tokens, token_logprobs, top_logprobs);
	if (!Array.isArray(rows) || rows.length === 0) return undefined;
	const one = (raw: unknown) => {
		const { token, logprob, bytes } = rowOf(raw);
		return {
			token: textOf(token),
			logprob: typeof logprob === 'number' && !Number.isNaN(logprob) ? logprob : -9999,
			bytes: Array.isArray(bytes) ? bytes.map(countOf) : [...Buffer.from(textOf(token))]
		};
	};
	return rows.map((row) => ({ ...one(row), top: (Array.isArray(rowOf(row).top_logprobs) ? (rowOf(row).top_logprobs as unknown[]) : []).slice(0, 20).map(one) }));
}

function usageOf(value: unknown): ToldUsage | undefined {
	if (typeof value !== 'object' || value === null) return undefined;
	const { prompt_tokens, completion_tokens, prompt_tokens_details, completion_tokens_details } = value as Row;
	return {
		promptTokens: countOf(prompt_tokens),
		completionTokens: countOf(completion_tokens),
		cachedTokens: countOf(rowOf(prompt_tokens_details).cached_tokens),
		reasoningTokens: countOf(rowOf(completion_tokens_details).reasoning_tokens)
	};
}

export function chunkDecoder(): ChunkDecoder {
	let usage: ToldUsage | undefined;
	const finishes = new Map<number, FinishReason>();
	/** `choice/index` → the call's id; its name is told once */
	const calls = new Map<string, string>();

	/** LM Studio's ids are numbers in strings, some are numbers, some servers give none: opaque, but there must be one. */
	function toolCall(raw: unknown, place: number, choice: number): ChatEvent {
		const { index, id, function: called } = rowOf(raw);
		const at = placeOf(index, place);
		const key = `${choice}/${at}`;
		const { name, arguments: args } = rowOf(called);
		const first = !calls.has(key);
		if (first) calls.set(key, typeof id === 'string' && id ? id : typeof id === 'number' ? String(id) : `call_${choice}_${at}`);
		return {
			type: 'toolCall',
			index: at,
			id: calls.get(key)!,
			...(first ? { name: textOf(name) } : {}),
			argumentsDelta: typeof args === 'object' && args !== null ? JSON.stringify(args) : textOf(args),
			...(choice ? { choice } : {})
		};
	}

	function choiceEvents(raw: unknown): ChatEvent[] {
		const { index, delta, message, text: written, finish_reason, logprobs } = rowOf(raw);
		const choice = placeOf(index, 0);
		const more = choice ? { choice } : {};
		const said = rowOf(delta ?? message);
		const events: ChatEvent[] = [];
		const reasoning = textOf(said.reasoning_content) || textOf(said.reasoning);
		if (reasoning) events.push({ type: 'reasoning', text: reasoning, ...more });
		const text = textOf(said.content) || textOf(written);
		if (text) {
			const rows = logprobsOf(logprobs);
			events.push({ type: 'text', text, ...(rows ? { logprobs: rows } : {}), ...more });
		}
		if (Array.isArray(said.tool_calls)) events.push(...said.tool_calls.map((call, place) => toolCall(call, place, choice)));
		if (typeof finish_reason === 'string' && finish_reason) {
			const reason = reasons[finish_reason] ?? 'stop';
			// Some servers end an answer that calls tools with "stop"; agents would not go on.
			finishes.set(choice, reason === 'stop' && [...calls.keys()].some((key) => key.startsWith(`${choice}/`)) ? 'tool_calls' : reason);
		}
		return events;
	}

	return {
		read(chunk) {
			const { choices, usage: told } = rowOf(chunk);
			usage = usageOf(told) ?? usage;
			return Array.isArray(choices) ? choices.slice(0, 8).flatMap(choiceEvents) : [];
		},
		usage: () => usage,
		finishes: () => finishes
	};
}
