import type { ChatEvent, ChatUsage, TokenLogprob } from '../contract/chat.ts';
import type { ErrorFacts } from '../contract/errors.ts';
import type { OutputItem, ResponseObject, ResponsesAsked } from '../contract/v1/responses.ts';
import type { AnswerDialect, AnswerEncoder, AnswerFrame, AnswerHead } from './answer-dialect.ts';
import { isTold } from './openai-chat.ts';
import { openAiError } from './openai-error.ts';

const usageOf = (usage: ChatUsage) => ({
	input_tokens: usage.promptTokens,
	input_tokens_details: { cached_tokens: usage.cachedTokens },
	output_tokens: usage.completionTokens,
	output_tokens_details: { reasoning_tokens: usage.reasoningTokens },
	total_tokens: usage.promptTokens + usage.completionTokens
});

const logprobsOf = (rows: TokenLogprob[] | undefined) => (rows ?? []).map(({ token, logprob, bytes, top }) => ({ token, logprob, bytes, top_logprobs: top }));

const blank = ({ answerId, created, model }: AnswerHead, asked: ResponsesAsked): ResponseObject => ({
	id: `resp_${answerId}`,
	object: 'response',
	created_at: created,
	status: 'in_progress',
	background: false,
	error: null,
	incomplete_details: null,
	instructions: asked.instructions ?? null,
	max_output_tokens: asked.max_output_tokens ?? null,
	metadata: asked.metadata ?? {},
	model,
	output: [],
	parallel_tool_calls: asked.parallel_tool_calls ?? true,
	previous_response_id: null,
	reasoning: { effort: asked.reasoning?.effort ?? null, summary: null },
	store: false,
	temperature: typeof asked.temperature === 'number' ? asked.temperature : null,
	text: { ...asked.text, format: asked.text?.format ?? { type: 'text' } },
	tool_choice: asked.tool_choice ?? 'auto',
	tools: asked.tools ?? [],
	top_p: typeof asked.top_p === 'number' ? asked.top_p : null,
	truncation: 'disabled',
	usage: null
});

/** The text of an item and the events that tell of it; a call's arguments have no part around them. */
type Open = { item: OutputItem; text: string; logprobs: TokenLogprob[]; callIndex?: number };

/**
 * `/v1/responses`: events named and numbered in OpenAI's order, of items that open and close one after the other.
 * The response itself is built on the way; {@link AnswerDialect.whole} is what came of it.
 */
function responseEncoder(head: AnswerHead, asked: ResponsesAsked): AnswerEncoder & { response(): ResponseObject } {
	const response = blank(head, asked);
	let sequence = 0;
	let open: Open | undefined;
	let usage: ChatUsage | undefined;

	const frame = (type: string, members: object): AnswerFrame => ({ event: type, data: { type, ...members, sequence_number: sequence++ } });
	const snapshot = (): ResponseObject => structuredClone(response);
	const place = () => ({ item_id: open!.item.id, output_index: response.output.length });
	const begin = () => (sequence > 0 ? [] : [frame('response.created', { response: snapshot() }), frame('response.in_progress', { response: snapshot() })]);
	const idOf = (prefix: string) => `${prefix}_${head.answerId}_${response.output.length}`;

	const textPart = (text: string, logprobs: TokenLogprob[]) => ({ type: 'output_text' as const, text, annotations: [], logprobs: logprobsOf(logprobs) });
	const reasoningPart = (text: string) => ({ type: 'reasoning_text' as const, text });

	function close(status: 'completed' | 'incomplete' = 'completed'): AnswerFrame[] {
		if (!open) return [];
		const { item, text, logprobs } = open;
		const at = { ...place(), content_index: 0 };
		const frames: AnswerFrame[] = [];
		item.status = status;
		if (item.type === 'message') {
			item.content = [textPart(text, logprobs)];
			frames.push(frame('response.output_text.done', { ...at, text, logprobs: logprobsOf(logprobs) }), frame('response.content_part.done', { ...at, part: item.content[0] }));
		} else if (item.type === 'reasoning') {
			item.content = [reasoningPart(text)];
			frames.push(frame('response.reasoning_text.done', { ...at, text }), frame('response.content_part.done', { ...at, part: item.content[0] }));
		} else {
			item.arguments = text;
			frames.push(frame('response.function_call_arguments.done', { ...place(), name: item.name, arguments: text }));
		}
		frames.push(frame('response.output_item.done', { output_index: response.output.length, item: structuredClone(item) }));
		response.output.push(item);
		open = undefined;
		return frames;
	}

	function opened(item: OutputItem, callIndex?: number): AnswerFrame[] {
		const closed = close();
		open = { item, text: '', logprobs: [], ...(callIndex === undefined ? {} : { callIndex }) };
		const added = frame('response.output_item.added', { output_index: response.output.length, item: structuredClone(item) });
		if (item.type === 'function_call') return [...closed, added];
		const part = item.type === 'message' ? textPart('', []) : reasoningPart('');
		return [...closed, added, frame('response.content_part.added', { ...place(), content_index: 0, part })];
	}

	function content(event: Extract<ChatEvent, { type: 'text' | 'reasoning' | 'toolCall' }>): AnswerFrame[] {
		if (event.type === 'toolCall') {
			const isOpen = open?.item.type === 'function_call' && open.callIndex === event.index;
			const before = isOpen ? [] : opened({ type: 'function_call', id: idOf('fc'), status: 'in_progress', call_id: event.id, name: event.name ?? '', arguments: '' }, event.index);
			open!.text += event.argumentsDelta;
			return event.argumentsDelta === '' ? before : [...before, frame('response.function_call_arguments.delta', { ...place(), delta: event.argumentsDelta })];
		}
		const type = event.type === 'text' ? 'message' : 'reasoning';
		const fresh = (): OutputItem =>
			type === 'message' ? { type, id: idOf('msg'), status: 'in_progress', role: 'assistant', content: [] } : { type, id: idOf('rs'), status: 'in_progress', summary: [], content: [] };
		const before = open?.item.type === type ? [] : opened(fresh());
		open!.text += event.text;
		const at = { ...place(), content_index: 0, delta: event.text };
		if (event.type === 'reasoning') return [...before, frame('response.reasoning_text.delta', at)];
		open!.logprobs.push(...(event.logprobs ?? []));
		return [...before, frame('response.output_text.delta', { ...at, logprobs: logprobsOf(event.logprobs) })];
	}

	return {
		response: snapshot,
		encode(event) {
			const begun = begin();
			if (event.type === 'usage') usage = event;
			if (event.type === 'text' || event.type === 'reasoning' || event.type === 'toolCall') return event.choice ? begun : [...begun, ...content(event)];
			if (event.type !== 'finish' || event.choice || event.reason === 'error') return begun;
			const status = event.reason === 'length' ? 'incomplete' : 'completed';
			const closed = close(status);
			response.status = status;
			if (status === 'incomplete') response.incomplete_details = { reason: 'max_output_tokens' };
			if (isTold(usage)) response.usage = usageOf(usage);
			return [...begun, ...closed, frame(`response.${status}`, { response: snapshot() })];
		},
		fail(error: ErrorFacts) {
			const begun = begin();
			const { code, message } = openAiError(error).error;
			response.status = 'failed';
			response.error = { code: code ?? 'server_error', message };
			return [...begun, ...close('incomplete'), frame('response.failed', { response: snapshot() })];
		},
		end: () => []
	};
}

export const responses = (asked: ResponsesAsked): AnswerDialect => ({
	encoder: (head) => responseEncoder(head, asked),
	whole(head, events) {
		const encoder = responseEncoder(head, asked);
		for (const event of events) encoder.encode(event);
		return encoder.response();
	}
});
