import { z } from 'zod';
import { chatRequestWireSchema } from '../contract/chat.ts';
import { detokenizeRequestSchema, embeddingsRequestSchema, rerankRequestSchema, tokenizeRequestSchema } from '../contract/embeddings.ts';
import { chatChunkSchema, chatCompletionSchema } from '../contract/v1/chat.ts';
import { detokenizedSchema, embeddingListSchema, rerankListSchema, tokenizedSchema } from '../contract/v1/embeddings.ts';
import { v1ModelListSchema, v1ModelSchema } from '../contract/v1/models.ts';
import { chatChunk, chatCompletion, toolCallCompletion, usageChunk } from './examples.ts';
import type { Operation } from './operation.ts';

const tokenLimit = z.int().min(-1).nullish();
/** OpenAI's request: nothing is kept unless `store` asks for it, an answer comes whole unless `stream` asks otherwise, and −1 means no limit. */
export const v1ChatRequestSchema = chatRequestWireSchema.extend({
	model: z.string().max(512),
	max_tokens: tokenLimit.describe('−1: to the end of the context.'),
	max_completion_tokens: tokenLimit.describe('The same; it goes before `max_tokens`.')
});

const question = [{ role: 'user', content: 'What is the weather in Lyon?' }];
const weather = { type: 'function', function: { name: 'weather', description: 'The weather of a city', parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } } };
const model = { id: 'model-name', object: 'model', created: 1735689600, owned_by: 'local', context_length: 8192 };
const generation = [404, 500, 502, 503, 504];

/** Everything under `/v1` that speaks OpenAI's dialect. */
export const v1Operations: Operation[] = [
	{
		method: 'post', path: '/v1/chat/completions', tag: 'OpenAI dialect', who: 'user', dialect: 'openai',
		summary: 'Chat completion',
		description: 'With `"stream": true` as Server-Sent Events. A usage chunk comes only with `stream_options.include_usage`. Unknown members are ignored.',
		body: {
			schema: v1ChatRequestSchema,
			examples: {
				whole: { model: 'model-name', messages: [{ role: 'user', content: 'Hello' }] },
				streamed: { model: 'model-name', messages: [{ role: 'user', content: 'Hello' }], stream: true, stream_options: { include_usage: true } },
				tools: { model: 'model-name', messages: question, tools: [weather], tool_choice: 'required' },
				'structured output': {
					model: 'model-name',
					messages: [{ role: 'user', content: 'Name a city' }],
					response_format: { type: 'json_schema', json_schema: { name: 'city', strict: true, schema: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'], additionalProperties: false } } }
				}
			}
		},
		answers: {
			200: {
				description: 'The answer',
				content: [
					{ schema: chatCompletionSchema, examples: { whole: chatCompletion, 'tool call': toolCallCompletion } },
					{ type: 'text/event-stream', schema: chatChunkSchema, examples: { content: chatChunk, usage: usageChunk } }
				]
			}
		},
		errors: generation
	},
	{
		method: 'post', path: '/v1/embeddings', tag: 'OpenAI dialect', who: 'user', dialect: 'openai',
		summary: 'Embeddings',
		description: "A text, texts, tokens or lists of tokens. `encoding_format: \"base64\"` gives what OpenAI's clients ask for by themselves, also where an upstream knows floats alone.",
		body: { schema: embeddingsRequestSchema, examples: { texts: { model: 'embedding-model', input: ['first text', 'second text'], encoding_format: 'float' } } },
		answers: {
			200: {
				description: 'One vector for each input, in order',
				content: [{ schema: embeddingListSchema, examples: { one: { object: 'list', data: [{ object: 'embedding', index: 0, embedding: [0.0123, -0.0456, 0.0789] }], model: 'embedding-model', usage: { prompt_tokens: 3, total_tokens: 3 } } } }]
			}
		},
		errors: generation
	},
	{
		method: 'post', path: '/v1/rerank', tag: 'OpenAI dialect', who: 'user', dialect: 'openai',
		summary: 'Rank documents against a query',
		description: 'As Jina and Cohere have it.',
		body: { schema: rerankRequestSchema, examples: { two: { model: 'ranking-model', query: 'What is a llama?', documents: ['A llama is an animal.', 'Lyon is a city.'], top_n: 1, return_documents: true } } },
		answers: {
			200: {
				description: 'The most relevant first',
				content: [{ schema: rerankListSchema, examples: { one: { object: 'list', model: 'ranking-model', results: [{ index: 0, relevance_score: 0.93, document: { text: 'A llama is an animal.' } }], usage: { prompt_tokens: 21, total_tokens: 21 } } } }]
			}
		},
		errors: generation
	},
	{
		method: 'post', path: '/v1/tokenize', tag: 'OpenAI dialect', who: 'user', dialect: 'openai',
		summary: 'Text to tokens',
		description: "With a local model's own tokenizer. The text is `input`, or `content`, or `prompt`.",
		body: { schema: tokenizeRequestSchema, examples: { text: { model: 'model-name', input: 'Hello' } } },
		answers: { 200: { description: 'Its tokens', content: [{ schema: tokenizedSchema, examples: { tokens: { model: 'model-name', tokens: [9906], count: 1 } } }] } },
		errors: generation
	},
	{
		method: 'post', path: '/v1/detokenize', tag: 'OpenAI dialect', who: 'user', dialect: 'openai',
		summary: 'Tokens to text',
		body: { schema: detokenizeRequestSchema, examples: { tokens: { model: 'model-name', tokens: [9906] } } },
		answers: { 200: { description: 'The text', content: [{ schema: detokenizedSchema, examples: { text: { model: 'model-name', text: 'Hello' } } }] } },
		errors: generation
	},
	{
		method: 'get', path: '/v1/models', tag: 'OpenAI dialect', who: 'user', dialect: 'openai',
		summary: 'List the models',
		answers: { 200: { description: 'Local models and those of the upstreams', content: [{ schema: v1ModelListSchema, examples: { one: { object: 'list', data: [model] } } }] } }
	},
	{
		method: 'get', path: '/v1/models/{id}', tag: 'OpenAI dialect', who: 'user', dialect: 'openai',
		summary: 'Read a model',
		parameters: [{ name: 'id', in: 'path', description: 'Its id or one of its aliases; slashes may stand as they are.', schema: z.string() }],
		answers: { 200: { description: 'The model', content: [{ schema: v1ModelSchema, examples: { one: model } }] } },
		errors: [404]
	}
];
