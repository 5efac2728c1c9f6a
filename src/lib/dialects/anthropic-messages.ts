import type { ChatEvent, ChatUsage, FinishReason } from '../contract/chat.ts';
import type { AnswerBlock, MessageObject } from '../contract/v1/messages.ts';
import type { AnswerDialect, AnswerEncoder, AnswerFrame, AnswerHead } from './answer-dialect.ts';
import { anthropicError } from './anthropic-error.ts';

const usageOf = ({ promptTokens, cachedTokens, completionTokens }: Pick<ChatUsage, 'promptTokens' | 'cachedTokens' | 'completionTokens'>): MessageObject['usage'] => ({
	input_tokens: promptTokens - cachedTokens,
	cache_read_input_tokens: cachedTokens,
	cache_creation_input_tokens: 0,
	output_tokens: completionTokens
});

function stopReason(reason: FinishReason, stopString: string | undefined): NonNullable<MessageObject['stop_reason']> {
	if (reason === 'length') return 'max_tokens';
	if (reason === 'tool_calls') return 'tool_use';
	return stopString === undefined ? 'end_turn' : 'stop_sequence';
}

/** Arguments as the object that they are; what is none stands whole under its own name. */
function inputOf(text: string): Record<string, unknown> {
	try {
		const value: unknown = JSON.parse(text || '{}');
		return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : { value };
	} catch {
		return { arguments: text };
	}
}

/** `/v1/messages`: Anthropic's named events, of blocks that open and close one after the other. The message is built on the way. */
function messageEncoder({ answerId, model }: AnswerHead, requestId: string): AnswerEncoder & { message(): MessageObject } {
	const message: MessageObject = { id: `msg_${answerId}`, type: 'message', role: 'assistant', model, content: [], stop_reason: null, stop_sequence: null, usage: usageOf({ promptTokens: 0, cachedTokens: 0, completionTokens: 0 }) };
	let begun = false;
	let open: { block: AnswerBlock; text: string; callIndex?: number } | undefined;

	const frame = (type: string, members: object = {}): AnswerFrame => ({ event: type, data: { type, ...members } });
	function begin(): AnswerFrame[] {
		if (begun) return [];
		begun = true;
		return [frame('message_start', { message: structuredClone(message) })];
	}

	function close(): AnswerFrame[] {
		if (!open) return [];
		const { block, text } = open;
		if (block.type === 'text') block.text = text;
		else if (block.type === 'thinking') block.thinking = text;
		else block.input = inputOf(text);
		const index = message.content.length;
		message.content.push(block);
		open = undefined;
		const signed = block.type === 'thinking' ? [frame('content_block_delta', { index, delta: { type: 'signature_delta', signature: '' } })] : [];
		return [...signed, frame('content_block_stop', { index })];
	}

	function opened(block: AnswerBlock, callIndex?: number): AnswerFrame[] {
		const closed = close();
		open = { block, text: '', ...(callIndex === undefined ? {} : { callIndex }) };
		return [...closed, frame('content_block_start', { index: message.content.length, content_block: structuredClone(block) })];
	}

	function content(event: Extract<ChatEvent, { type: 'text' | 'reasoning' | 'toolCall' }>): AnswerFrame[] {
		const delta = (members: object) => frame('content_block_delta', { index: message.content.length, delta: members });
		if (event.type === 'toolCall') {
			const isOpen = open?.block.type === 'tool_use' && open.callIndex === event.index;
			const before = isOpen ? [] : opened({ type: 'tool_use', id: event.id, name: event.name ?? '', input: {} }, event.index);
			open!.text += event.argumentsDelta;
			return event.argumentsDelta === '' ? before : [...before, delta({ type: 'input_json_delta', partial_json: event.argumentsDelta })];
		}
		const type = event.type === 'text' ? 'text' : 'thinking';
		const before = open?.block.type === type ? [] : opened(type === 'text' ? { type, text: '' } : { type, thinking: '', signature: '' });
		open!.text += event.text;
		return [...before, delta(type === 'text' ? { type: 'text_delta', text: event.text } : { type: 'thinking_delta', thinking: event.text })];
	}

	return {
		message: () => message,
		encode(event) {
			if (event.type === 'progress') {
				// the head of the message tells the prompt's tokens, as far as they are known by then
				if (event.phase !== 'prompt') return [];
				if (!begun) message.usage.input_tokens = event.totalTokens;
				return begin();
			}
			if (event.type === 'usage') {
				const started = begin();
				message.usage = usageOf(event);
				return started;
			}
			if (event.type === 'text' || event.type === 'reasoning' || event.type === 'toolCall') return event.choice ? [] : [...begin(), ...content(event)];
			if (event.type !== 'finish' || event.choice || event.reason === 'error') return [];
			const closed = [...begin(), ...close()];
			message.stop_reason = stopReason(event.reason, event.stopString);
			message.stop_sequence = event.reason === 'stop' ? (event.stopString ?? null) : null;
			return [...closed, frame('message_delta', { delta: { stop_reason: message.stop_reason, stop_sequence: message.stop_sequence }, usage: message.usage }), frame('message_stop')];
		},
		fail: (error) => [{ event: 'error', data: anthropicError(error, requestId) }],
		end: () => []
	};
}

export const anthropicMessages = (requestId: string): AnswerDialect => ({
	encoder: (head) => messageEncoder(head, requestId),
	whole(head, events) {
		const encoder = messageEncoder(head, requestId);
		for (const event of events) encoder.encode(event);
		return encoder.message();
	}
});
