import { completionsWireSchema, textCompletionSchema } from '../contract/v1/completions.ts';
import { countTokensWireSchema, messageEventSchema, messageSchema, messagesWireSchema, tokenCountSchema } from '../contract/v1/messages.ts';
import { responseEventSchema, responseSchema, responsesWireSchema } from '../contract/v1/responses.ts';
import { anthropicMessage, response, textCompletion } from './examples.ts';
import type { Operation } from './operation.ts';

const generation = [404, 500, 502, 503, 504];
const hello = [{ role: 'user', content: 'Hello' }];
const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };

/** What else `/v1` speaks: OpenAI's older completions, its responses, and Anthropic's messages. */
export const v1FurtherOperations: Operation[] = [
	{
		method: 'post', path: '/v1/completions', tag: 'OpenAI dialect', who: 'user', dialect: 'openai',
		summary: 'Completion of a raw prompt',
		description: 'No chat template touches the prompt. Sampling members are those of `/v1/chat/completions`. An omitted `max_tokens` is the parameter `maxTokens`.',
		body: { schema: completionsWireSchema, examples: { text: { model: 'model-name', prompt: 'Once upon a time', max_tokens: 16 }, several: { model: 'model-name', prompt: ['One', 'Two'], max_tokens: 8, logprobs: 2 } } },
		answers: { 200: { description: 'The answer', content: [{ schema: textCompletionSchema, examples: { whole: textCompletion } }, { type: 'text/event-stream', schema: textCompletionSchema, examples: { chunk: { ...textCompletion, usage: null } } }] } },
		errors: generation
	},
	{
		method: 'post', path: '/v1/responses', tag: 'OpenAI dialect', who: 'user', dialect: 'openai',
		summary: 'Response',
		description: 'Stateless: nothing is kept, so `previous_response_id`, `conversation`, `prompt` and `background` are refused. Streamed as named events with rising `sequence_number`; the last is `response.completed`, `response.incomplete` or `response.failed`.',
		body: {
			schema: responsesWireSchema,
			examples: {
				text: { model: 'model-name', input: 'Hello', instructions: 'Be brief.' },
				tools: { model: 'model-name', input: hello, tools: [{ type: 'function', name: 'weather', description: 'The weather of a city', parameters, strict: true }], tool_choice: 'required' },
				'structured output': { model: 'model-name', input: 'Name a city', text: { format: { type: 'json_schema', name: 'city', schema: parameters, strict: true } } }
			}
		},
		answers: { 200: { description: 'The answer', content: [{ schema: responseSchema, examples: { whole: response } }, { type: 'text/event-stream', schema: responseEventSchema, examples: { piece: { type: 'response.output_text.delta', item_id: 'msg_7f3a_0', output_index: 0, content_index: 0, delta: 'Hello', logprobs: [], sequence_number: 4 } } }] } },
		errors: generation
	},
	{
		method: 'post', path: '/v1/messages', tag: 'Anthropic dialect', who: 'user', dialect: 'anthropic',
		summary: 'Message',
		description: 'With `"stream": true` as named events, which end with `message_stop`. The key may come as `x-api-key`.',
		body: {
			schema: messagesWireSchema,
			examples: {
				whole: { model: 'model-name', max_tokens: 1024, messages: hello },
				tools: { model: 'model-name', max_tokens: 1024, messages: hello, tools: [{ name: 'weather', description: 'The weather of a city', input_schema: parameters }], tool_choice: { type: 'any' } }
			}
		},
		answers: { 200: { description: 'The answer', content: [{ schema: messageSchema, examples: { whole: anthropicMessage } }, { type: 'text/event-stream', schema: messageEventSchema, examples: { piece: { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hello' } } } }] } },
		errors: generation
	},
	{
		method: 'post', path: '/v1/messages/count_tokens', tag: 'Anthropic dialect', who: 'user', dialect: 'anthropic',
		summary: 'Count the tokens of a message',
		description: 'Of the rendered prompt, template and tools included; for a model of an upstream an estimate by length.',
		body: { schema: countTokensWireSchema, examples: { hello: { model: 'model-name', messages: hello } } },
		answers: { 200: { description: 'Their number', content: [{ schema: tokenCountSchema, examples: { count: { input_tokens: 14 } } }] } },
		errors: generation
	}
];
