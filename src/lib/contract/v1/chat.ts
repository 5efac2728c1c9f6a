import { z } from 'zod';

const head = {
	id: z.string(),
	created: z.int().describe('Seconds since 1970.'),
	model: z.string()
};

export const usageSchema = z.object({
	prompt_tokens: z.int(),
	completion_tokens: z.int(),
	total_tokens: z.int(),
	prompt_tokens_details: z.object({ cached_tokens: z.int().describe('Found in the KV cache.') }),
	completion_tokens_details: z.object({ reasoning_tokens: z.int() })
});

const alternative = z.object({ token: z.string(), logprob: z.number(), bytes: z.array(z.int()) });
const logprobs = z.object({ content: z.array(alternative.extend({ top_logprobs: z.array(alternative) })) });
const finishReason = z.enum(['stop', 'length', 'tool_calls']);
const reasoning = z.string().describe('What the model thought before it answered.');
const call = z.object({ id: z.string(), type: z.literal('function'), function: z.object({ name: z.string(), arguments: z.string().describe('JSON') }) });

/** OpenAI's whole answer. */
export const chatCompletionSchema = z.object({
	...head,
	object: z.literal('chat.completion'),
	choices: z.array(
		z.object({
			index: z.int(),
			message: z.object({ role: z.literal('assistant'), content: z.string().nullable(), reasoning_content: reasoning.optional(), tool_calls: z.array(call).optional() }),
			logprobs: logprobs.nullable(),
			finish_reason: finishReason
		})
	),
	usage: usageSchema.optional().describe('Absent when an upstream does not count.')
});
export type ChatCompletion = z.infer<typeof chatCompletionSchema>;

/** One event of OpenAI's stream: the JSON behind `data: `. */
export const chatChunkSchema = z.object({
	...head,
	object: z.literal('chat.completion.chunk'),
	choices: z
		.array(
			z.object({
				index: z.int(),
				delta: z.object({
					role: z.literal('assistant').optional(),
					content: z.string().optional(),
					reasoning_content: reasoning.optional(),
					tool_calls: z
						.array(z.object({ index: z.int(), id: z.string().optional(), type: z.literal('function').optional(), function: z.object({ name: z.string().optional(), arguments: z.string() }) }))
						.optional()
						.describe('The first piece of a call has its id and name, the further ones their index and more of the arguments.')
				}),
				logprobs: logprobs.optional(),
				finish_reason: finishReason.nullable()
			})
		)
		.describe('Empty in the chunk that has the usage.'),
	usage: usageSchema.nullish().describe('Only with `stream_options.include_usage`: null until the last chunk.')
});
export type ChatChunk = z.infer<typeof chatChunkSchema>;

/** What document B shows of a chunk; every {@link chatChunkSchema} with content is one. */
export const contentChunkSchema = z.object({ choices: z.array(z.object({ delta: z.object({ content: z.string() }) })) });
