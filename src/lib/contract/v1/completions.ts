import { z } from 'zod';
import { wholeContext } from '../chat.ts';
import { usageSchema } from './chat.ts';

const most = { prompts: 32, promptTokens: 1_000_000 } as const;
const tokens = z.array(z.int().min(0)).min(1).max(most.promptTokens);
const notSupported = (name: string, why: string) => ({ error: `${name} is not supported: ${why}` });

/** `POST /v1/completions` as it comes. What is not named here is validated with the request that comes of it. */
export const completionsWireSchema = z.looseObject(
	{
		prompt: z
			.union([z.string(), tokens, z.array(z.union([z.string(), tokens])).min(1).max(most.prompts)], { error: `must be a text, tokens, or a list of at most ${most.prompts} of either` })
			.describe('A text, in which control tokens count, or tokens; or a list of either, answered one after the other.'),
		stream: z.boolean({ error: 'must be true or false' }).nullish(),
		stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
		echo: z.boolean({ error: 'must be true or false' }).nullish().describe('Begins the answer with the prompt, where that is a text.'),
		logprobs: z.int().min(0).max(20).nullish().describe('How many alternatives are told of each token.'),
		n: z.int().min(1).max(8).nullish(),
		max_tokens: z.int().min(-1).nullish().describe('−1: to the end of the context.'),
		best_of: z.literal(1, notSupported('best_of', 'send n and choose among the answers')).nullish(),
		suffix: z.literal('', notSupported('suffix', 'write the model’s own fill-in-the-middle tokens into the prompt')).nullish()
	},
	{ error: 'The request body must be a JSON object' }
);

export type CompletionsRequest = {
	/** requests for `chat.complete`, one for each prompt */
	requests: Record<string, unknown>[];
	/** the prompts' texts when they are to be repeated */
	echoed: string[] | undefined;
	stream: boolean;
	includeUsage: boolean;
	/** choices for each prompt */
	n: number;
};

export const completionsRequestSchema = completionsWireSchema.transform(({ prompt, echo, logprobs, n, max_tokens, stream, stream_options, ...members }, context): CompletionsRequest => {
	const isOne = typeof prompt === 'string' || typeof prompt[0] === 'number';
	const prompts = isOne ? [prompt as string | number[]] : (prompt as (string | number[])[]);
	const refuse = (message: string) => context.addIssue({ code: 'custom', message });
	if (echo && prompts.some((one) => typeof one !== 'string')) refuse('echo is not supported for prompts of tokens');
	if (echo && logprobs != null) refuse('echo is not supported together with logprobs: only the tokens of the answer are told');
	if (max_tokens === 0) refuse('max_tokens must be at least 1, or −1 for no limit');
	const shared = { ...members, n, max_tokens: max_tokens === -1 ? wholeContext : max_tokens, stream: stream ?? false, ...(logprobs == null ? {} : { logprobs: true, top_logprobs: logprobs }) };
	return {
		requests: prompts.map((one) => ({ ...shared, prompt: one })),
		echoed: echo ? (prompts as string[]) : undefined,
		stream: stream === true,
		includeUsage: stream_options?.include_usage === true,
		n: n ?? 1
	};
});

/** OpenAI's older completion: the whole of it, and a chunk of its stream. */
export const textCompletionSchema = z.object({
	id: z.string(),
	object: z.literal('text_completion'),
	created: z.int().describe('Seconds since 1970.'),
	model: z.string(),
	choices: z.array(
		z.object({
			index: z.int(),
			text: z.string(),
			logprobs: z.object({ tokens: z.array(z.string()), token_logprobs: z.array(z.number()), top_logprobs: z.array(z.record(z.string(), z.number())), text_offset: z.array(z.int()) }).nullable(),
			finish_reason: z.enum(['stop', 'length']).nullable()
		})
	),
	usage: usageSchema.nullish()
});
export type TextCompletion = z.infer<typeof textCompletionSchema>;
