import type { ChatEvent, ChatUsage, FinishReason, TokenLogprob } from '../contract/chat.ts';
import type { CompletionsRequest, TextCompletion } from '../contract/v1/completions.ts';
import type { AnswerDialect, AnswerHead } from './answer-dialect.ts';
import { isTold, usageOf } from './openai-chat.ts';
import { openAiError } from './openai-error.ts';

type Choice = TextCompletion['choices'][number];

const reasonOf = (reason: FinishReason) => (reason === 'length' ? 'length' : 'stop');

/** Side by side, as the older shape has them. `offset`: characters of the choice's text before these tokens. */
function logprobsOf(rows: TokenLogprob[], offset: number): NonNullable<Choice['logprobs']> {
	const offsets = rows.map(({ token }) => {
		const at = offset;
		offset += token.length;
		return at;
	});
	return { tokens: rows.map(({ token }) => token), token_logprobs: rows.map(({ logprob }) => logprob), top_logprobs: rows.map(({ top }) => Object.fromEntries(top.map(({ token, logprob }) => [token, logprob]))), text_offset: offsets };
}

/**
 * `/v1/completions` for one prompt of a request, whose choices count from `firstIndex` on.
 * @param echoed the prompt's text, which begins each choice
 */
export function textCompletions({ includeUsage, n }: Pick<CompletionsRequest, 'includeUsage' | 'n'>, firstIndex: number, echoed: string | undefined): AnswerDialect {
	const head = ({ answerId, created, model }: AnswerHead) => ({ id: `cmpl-${answerId}`, object: 'text_completion' as const, created, model });
	return {
		encoder(answer) {
			const offsets: number[] = [];
			let usage: ChatUsage | undefined;
			const chunk = (index: number, text: string, finish: Choice['finish_reason'], logprobs: Choice['logprobs'] = null): { data: TextCompletion } => ({
				data: { ...head(answer), choices: [{ index: firstIndex + index, text, logprobs, finish_reason: finish }], ...(includeUsage ? { usage: null } : {}) }
			});
			const begun = (index: number) => {
				if (offsets[index] !== undefined) return [];
				offsets[index] = 0;
				return echoed ? [chunk(index, echoed, null)] : [];
			};
			return {
				encode(event) {
					if (event.type === 'usage') usage = event;
					if (event.type === 'finish') return event.reason === 'error' ? [] : [...begun(event.choice ?? 0), chunk(event.choice ?? 0, '', reasonOf(event.reason))];
					if (event.type !== 'text') return [];
					const index = event.choice ?? 0;
					const first = begun(index);
					const logprobs = event.logprobs ? logprobsOf(event.logprobs, offsets[index]!) : null;
					offsets[index]! += event.text.length;
					return [...first, chunk(index, event.text, null, logprobs)];
				},
				fail: (error) => [{ data: openAiError(error) }],
				end: () => (includeUsage && isTold(usage) ? [{ data: { ...head(answer), choices: [], usage: usageOf(usage) } }] : [])
			};
		},
		whole(answer, events: ChatEvent[]): TextCompletion {
			const choices = Array.from({ length: n }, (_, index) => ({ index: firstIndex + index, text: echoed ?? '', rows: [] as TokenLogprob[], finish: 'stop' as 'stop' | 'length' }));
			let usage: ChatUsage | undefined;
			for (const event of events) {
				if (event.type === 'usage') usage = event;
				const choice = choices['choice' in event ? (event.choice ?? 0) : 0]!;
				if (event.type === 'finish') choice.finish = reasonOf(event.reason);
				if (event.type !== 'text') continue;
				choice.text += event.text;
				choice.rows.push(...(event.logprobs ?? []));
			}
			return {
				...head(answer),
				choices: choices.map(({ index, text, rows, finish }) => ({ index, text, logprobs: rows.length ? logprobsOf(rows, 0) : null, finish_reason: finish })),
				...(isTold(usage) ? { usage: usageOf(usage) } : {})
			};
		}
	};
}

/** The answers to several prompts as one: their choices in order, their tokens together. */
export function joinCompletions(answers: TextCompletion[]): TextCompletion {
	const sum = (of: (usage: NonNullable<TextCompletion['usage']>) => number) => answers.reduce((total, { usage }) => total + (usage ? of(usage) : 0), 0);
	return {
		...answers[0]!,
		choices: answers.flatMap(({ choices }) => choices),
		...(answers.every(({ usage }) => usage)
			? {
					usage: {
						prompt_tokens: sum((usage) => usage.prompt_tokens),
						completion_tokens: sum((usage) => usage.completion_tokens),
						total_tokens: sum((usage) => usage.total_tokens),
						prompt_tokens_details: { cached_tokens: sum((usage) => usage.prompt_tokens_details.cached_tokens) },
						completion_tokens_details: { reasoning_tokens: sum((usage) => usage.completion_tokens_details.reasoning_tokens) }
					}
				}
			: {})
	};
}
