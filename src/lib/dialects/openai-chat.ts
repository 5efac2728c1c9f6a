import type { ChatEvent, ChatUsage, FinishReason, TokenLogprob } from '../contract/chat.ts';
import type { ErrorFacts } from '../contract/errors.ts';
import type { ChatErrorFrame } from '../contract/rest/errors.ts';
import type { ChatChunk, ChatCompletion } from '../contract/v1/chat.ts';
import type { AnswerDialect, AnswerHead } from './answer-dialect.ts';

type Choice = ChatChunk['choices'][number];

/** What is the same in every chunk of an answer. */
const chunkHead = ({ answerId, created, model }: AnswerHead) => ({ id: `chatcmpl-${answerId}`, created, model });

/** OpenAI knows no `cancelled`; the client that cancelled is gone, and a stored partial answer ended. */
const finishOf = (reason: FinishReason) => (reason === 'cancelled' || reason === 'error' ? 'stop' : reason);

export const usageOf = (usage: ChatUsage) => ({
	prompt_tokens: usage.promptTokens,
	completion_tokens: usage.completionTokens,
	total_tokens: usage.promptTokens + usage.completionTokens,
	prompt_tokens_details: { cached_tokens: usage.cachedTokens },
	completion_tokens_details: { reasoning_tokens: usage.reasoningTokens }
});

/** An upstream that does not count says 0: no prompt is empty, so nothing is told then. */
export const isTold = (usage: ChatUsage | undefined): usage is ChatUsage => usage !== undefined && usage.promptTokens > 0;

const logprobsOf = (rows: TokenLogprob[]) => ({
	content: rows.map(({ token, logprob, bytes, top }) => ({ token, logprob, bytes, top_logprobs: top }))
});

/** The error object that OpenAI's clients read; also the only way to tell one after the head. */
export const errorObject = (error: ErrorFacts): ChatErrorFrame => ({
	error: { message: error.message, type: 'server_error', param: null, code: error.code, details: error.details ?? error.message }
});

/**
 * Turns events into OpenAI `chat.completion.chunk` objects: role once, content, finish, then usage only when asked.
 * Progress yields nothing, nor does an error: that is the transport's to tell.
 */
export function chunkEncoder(answer: AnswerHead, includeUsage: boolean): (event: ChatEvent) => ChatChunk[] {
	const head = chunkHead(answer);
	const begun = new Set<number>();
	let usage: ChatUsage | undefined;
	const chunk = (index: number, delta: Choice['delta'], finish: Choice['finish_reason'] = null, more: Pick<Choice, 'logprobs'> = {}): ChatChunk => ({
		...head, object: 'chat.completion.chunk', choices: [{ index, delta, ...more, finish_reason: finish }], ...(includeUsage ? { usage: null } : {})
	});
	const opened = (index: number, ...chunks: ChatChunk[]): ChatChunk[] => {
		if (begun.has(index)) return chunks;
		begun.add(index);
		return [chunk(index, { role: 'assistant', content: '' }), ...chunks];
	};
	return (event) => {
		const index = 'choice' in event ? (event.choice ?? 0) : 0;
		switch (event.type) {
			case 'text':
				return opened(index, chunk(index, { content: event.text }, null, event.logprobs ? { logprobs: logprobsOf(event.logprobs) } : {}));
			case 'reasoning':
				return opened(index, chunk(index, { reasoning_content: event.text }));
			case 'toolCall': {
				const call: NonNullable<Choice['delta']['tool_calls']>[number] = event.name === undefined
					? { index: event.index, function: { arguments: event.argumentsDelta } }
					: { index: event.index, id: event.id, type: 'function', function: { name: event.name, arguments: event.argumentsDelta } };
				return opened(index, chunk(index, { tool_calls: [call] }));
			}
			case 'usage':
				usage = event;
				return [];
			case 'finish': {
				if (event.reason === 'error') return [];
				const last = opened(index, chunk(index, {}, finishOf(event.reason)));
				return includeUsage && isTold(usage) ? [...last, { ...head, object: 'chat.completion.chunk', choices: [], usage: usageOf(usage) }] : last;
			}
			default:
				return [];
		}
	};
}

type Gathered = { content: string; reasoning: string; toolCalls: { id: string; name: string; arguments: string }[]; logprobs: TokenLogprob[]; finish: FinishReason };

/** Gathers a whole answer into an OpenAI `chat.completion`. Errors are the caller's to throw before. */
export function completionOf(head: AnswerHead, events: ChatEvent[]): ChatCompletion {
	const choices: Gathered[] = [];
	const at = (index = 0) => (choices[index] ??= { content: '', reasoning: '', toolCalls: [], logprobs: [], finish: 'stop' });
	let usage: ChatUsage | undefined;
	at();
	for (const event of events) {
		if (event.type === 'text') {
			at(event.choice).content += event.text;
			at(event.choice).logprobs.push(...(event.logprobs ?? []));
		} else if (event.type === 'reasoning') at(event.choice).reasoning += event.text;
		else if (event.type === 'toolCall') {
			const call = (at(event.choice).toolCalls[event.index] ??= { id: event.id, name: '', arguments: '' });
			call.name += event.name ?? '';
			call.arguments += event.argumentsDelta;
		} else if (event.type === 'finish') at(event.choice).finish = event.reason;
		else if (event.type === 'usage') usage = event;
	}
	return {
		...chunkHead(head),
		object: 'chat.completion',
		choices: choices.map((choice, index) => ({
			index,
			message: {
				role: 'assistant',
				content: choice.toolCalls.length && !choice.content ? null : choice.content,
				...(choice.reasoning ? { reasoning_content: choice.reasoning } : {}),
				...(choice.toolCalls.length ? { tool_calls: choice.toolCalls.map(({ id, name, arguments: args }) => ({ id, type: 'function', function: { name, arguments: args } })) } : {})
			},
			logprobs: choice.logprobs.length ? logprobsOf(choice.logprobs) : null,
			finish_reason: finishOf(choice.finish)
		})),
		...(isTold(usage) ? { usage: usageOf(usage) } : {})
	};
}

/** `/v1/chat/completions`, and document B's chat. `shownError`: the frame that tells of a failure. */
export const chatCompletions = (includeUsage: boolean, shownError: (error: ErrorFacts) => object): AnswerDialect => ({
	encoder(head) {
		const encode = chunkEncoder(head, includeUsage);
		return { encode: (event) => encode(event).map((data) => ({ data })), fail: (error) => [{ data: shownError(error) }], end: () => [{ data: '[DONE]' }] };
	},
	whole: completionOf
});
