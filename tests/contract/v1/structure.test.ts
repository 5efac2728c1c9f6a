import OpenAI, { BadRequestError } from 'openai';
import { mkdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call } from '../../support/call.ts';
import { faultOf } from '../../support/json-schema/check-schemas.ts';
import { scriptedModel, tinyModel } from '../../support/models.ts';
import { signIn } from '../../support/sign-in.ts';
import { startServer, type RunningServer } from '../../support/start-server.ts';

let server: RunningServer;
let client: OpenAI;
const sentence = 'I will look.\n<tool_call>\n{"name": "get_weather", "arguments": {"city": "Paris"}}\n</tool_call>';
const ask = (model: string) => ({ model, messages: [{ role: 'user' as const, content: 'Hello' }], max_tokens: 300 });
const parameters = { type: 'object', properties: { city: { type: 'string', maxLength: 10 } }, required: ['city'], additionalProperties: false };
const tools: OpenAI.ChatCompletionTool[] = [{ type: 'function', function: { name: 'get_weather', parameters } }];
/** ids of the test model's tokens for one byte: what closes is made likely, that a random answer ends */
const logit_bias = { '34': 6, '125': 6, '93': 6 };

beforeAll(async () => {
	server = await startServer({ RATE_LIMIT_USER: '0', RATE_LIMIT_IP: '0' });
	const admin = await signIn(server);
	client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: admin.token, maxRetries: 0 });
	mkdirSync(server.modelsDir, { recursive: true });
	for (const [name, path] of Object.entries({ random: tinyModel(server.modelsDir), caller: scriptedModel(server.modelsDir, { sentence }) })) {
		expect((await call(server, 'POST', '/api/models', { models: [{ name, path }] }, { authorization: `Bearer ${admin.token}` })).status).toBeLessThan(300);
	}
});
afterAll(() => server.stop());

describe('what OpenAI’s client can ask a model for that runs here', () => {
	it('a document of a JSON schema', async () => {
		const schema = { type: 'object', properties: { name: { type: 'string', maxLength: 20 }, age: { type: 'integer', minimum: 0, maximum: 120 }, tags: { type: 'array', items: { enum: ['a', 'b'] }, maxItems: 3 } }, required: ['name', 'age', 'tags'], additionalProperties: false };
		for (const seed of [1, 2, 3]) {
			const { choices } = await client.chat.completions.create({ ...ask('random'), seed, temperature: 1, logit_bias, response_format: { type: 'json_schema', json_schema: { name: 'person', strict: true, schema } } });
			expect(choices[0]!.finish_reason).toBe('stop');
			expect(faultOf(schema, choices[0]!.message.content!)).toBeUndefined();
		}
	});

	it('a JSON object', async () => {
		const { choices } = await client.chat.completions.create({ ...ask('random'), seed: 2, temperature: 1, logit_bias, response_format: { type: 'json_object' } });
		expect(faultOf({ type: 'object' }, choices[0]!.message.content!)).toBeUndefined();
	});

	it('not what cannot be enforced, which is refused by its name', async () => {
		const error: unknown = await client.chat.completions.create({ ...ask('random'), stream: true, response_format: { type: 'json_schema', json_schema: { name: 'x', schema: { not: {} } } } }).catch((thrown: unknown) => thrown);
		expect(error).toBeInstanceOf(BadRequestError);
		expect((error as Error).message).toContain('"not"');
	});

	it.each<[what: string, schema: Record<string, unknown>, words: string]>([
		['a schema that is nothing but itself', { $ref: '#' }, 'itself'],
		['schemas without end', Array.from({ length: 120 }).reduce<Record<string, unknown>>((schema) => ({ type: 'array', items: schema }), {}), 'too deep'],
		['a pattern of too many cases', { type: 'string', pattern: '^(a|b)*a(a|b){14}$' }, 'pattern'],
		['a pattern that looks back', { type: 'string', pattern: '^(a)\\1$' }, 'pattern'],
		['what nothing satisfies', { type: 'integer', minimum: 2, maximum: 1 }, 'no value']
	])('not %s', async (_what, schema, words) => {
		const from = performance.now();
		const error: unknown = await client.chat.completions.create({ ...ask('random'), response_format: { type: 'json_schema', json_schema: { name: 'x', schema } } }).catch((thrown: unknown) => thrown);
		expect(error).toBeInstanceOf(BadRequestError);
		expect((error as Error).message).toContain(words);
		expect(performance.now() - from).toBeLessThan(10_000);
	});

	it('patterns that make other matchers slow, and schemas that contain themselves', async () => {
		const schema = { type: 'object', properties: { word: { type: 'string', pattern: '^(a+)+$', maxLength: 8 }, next: { anyOf: [{ $ref: '#' }, { type: 'null' }] } }, required: ['word', 'next'], additionalProperties: false };
		const { choices } = await client.chat.completions.create({ ...ask('random'), seed: 1, temperature: 1, logit_bias: { '34': 6, '110': 6 }, response_format: { type: 'json_schema', json_schema: { name: 'x', schema } } });
		expect(choices[0]!.finish_reason).toBe('stop');
		expect(faultOf(schema, choices[0]!.message.content!)).toBeUndefined();
	});

	it('stop strings, a seed, a bias, a least number of tokens and no end', async () => {
		const say = async (more: object) => (await client.chat.completions.create({ ...ask('caller'), temperature: 0, ...more })) as OpenAI.ChatCompletion;
		const textOf = ({ choices }: OpenAI.ChatCompletion) => choices[0]!.message.content;
		expect(textOf(await say({}))).toBe(sentence);
		expect(textOf(await say({ stop: 'look' }))).toBe('I will ');
		expect(textOf(await say({ stop: ['\u{1f40d}', 'weather", "arg', 'Paris'] }))).toBe(sentence.slice(0, sentence.indexOf('weather')));
		expect((await say({ min_tokens: 40 })).usage!.completion_tokens).toBeGreaterThanOrEqual(40);
		expect(await say({ ignore_eos: true, max_tokens: 60 })).toMatchObject({ usage: { completion_tokens: 60 }, choices: [{ finish_reason: 'length' }] });
		expect(textOf(await say({ logit_bias: { '65': 100 }, max_tokens: 4 }))).toBe('AAAA');
		const random = async (more: object) => textOf(await client.chat.completions.create({ ...ask('random'), max_tokens: 20, temperature: 1, ...more }));
		expect(await random({ seed: 4 })).toBe(await random({ seed: 4 }));
		expect(await random({ seed: 4 })).not.toBe(await random({ seed: 5 }));
		const greedy = await random({ temperature: 0, max_tokens: 200 });
		for (const penalty of [{ presence_penalty: 2 }, { frequency_penalty: 2 }, { repeat_penalty: 2 }]) expect(await random({ temperature: 0, max_tokens: 200, ...penalty })).not.toBe(greedy);
		expect(await random({ min_p: 1, seed: 9 })).toBe(await random({ temperature: 0 }));
	});

	it('log-probabilities, in rows that join to the answer', async () => {
		const { choices } = await client.chat.completions.create({ ...ask('random'), max_tokens: 10, temperature: 1, logprobs: true, top_logprobs: 2 });
		const rows = choices[0]!.logprobs!.content!;
		expect(rows).toHaveLength(10);
		expect(rows.map(({ token }) => token).join('')).toBe(choices[0]!.message.content);
		for (const { logprob, top_logprobs } of rows) expect(logprob).toBeLessThanOrEqual(top_logprobs[0]!.logprob);
	});

	it('several choices, whole and streamed', async () => {
		const request = { ...ask('random'), max_tokens: 8, temperature: 1, seed: 5, n: 3 };
		const { choices, usage } = await client.chat.completions.create(request);
		expect(choices.map(({ index, finish_reason }) => [index, finish_reason])).toEqual([[0, 'length'], [1, 'length'], [2, 'length']]);
		expect(usage!.completion_tokens).toBe(24);
		const texts = ['', '', ''];
		const ends: number[] = [];
		for await (const chunk of await client.chat.completions.create({ ...request, stream: true })) {
			for (const { index, delta, finish_reason } of chunk.choices) {
				texts[index] += delta.content ?? '';
				if (finish_reason) ends.push(index);
			}
		}
		expect(texts).toEqual(choices.map(({ message }) => message.content));
		expect(ends.sort()).toEqual([0, 1, 2]);
	});

	it('tool calls, streamed, and the answer to their results', async () => {
		const { choices } = await client.chat.completions.stream({ ...ask('caller'), temperature: 0, tools }).finalChatCompletion();
		expect(choices[0]).toMatchObject({ finish_reason: 'tool_calls', message: { content: 'I will look.\n', tool_calls: [{ type: 'function', function: { name: 'get_weather', arguments: '{"city": "Paris"}' } }] } });
		const { message } = choices[0]!;
		const again = await client.chat.completions.create({ ...ask('caller'), temperature: 0, tools, messages: [{ role: 'user', content: 'Hello' }, message, { role: 'tool', tool_call_id: message.tool_calls![0]!.id, content: 'sunny' }] });
		expect(again.usage!.prompt_tokens).toBeGreaterThan(60);
		expect(again.choices[0]!.message.tool_calls![0]!.id).not.toBe(message.tool_calls![0]!.id);
	});

	it('a call that it must make', async () => {
		const { choices } = await client.chat.completions.create({ ...ask('random'), seed: 1, temperature: 1, logit_bias, tools, tool_choice: 'required', parallel_tool_calls: false });
		expect(choices[0]).toMatchObject({ finish_reason: 'tool_calls', message: { content: null } });
		const [made] = choices[0]!.message.tool_calls!;
		expect(made).toMatchObject({ function: { name: 'get_weather' } });
		expect(faultOf(parameters, (made as OpenAI.ChatCompletionMessageFunctionToolCall).function.arguments)).toBeUndefined();
	});
});
