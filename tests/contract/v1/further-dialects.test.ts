import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sentence, startChatServer, type ChatServer } from '../../support/chat-server.ts';
import { startFakeLmStudio, type FakeLmStudio } from '../../support/fake-lm-studio/fake-lm-studio.ts';
import { scriptedModel } from '../../support/models.ts';

let fake: FakeLmStudio;
let server: ChatServer;

beforeAll(async () => {
	fake = await startFakeLmStudio({ models: [{ key: 'qwen3-4b' }, { key: 'nomic', type: 'embedding' }] });
	server = await startChatServer({ LM_STUDIO_URL: fake.url });
	const models = [
		{ name: 'thinker', path: scriptedModel(server.modelsDir, { sentence: '<think>They greet me.</think>Good day to you.', fileName: 'thinker.gguf' }) },
		{ name: 'caller', path: scriptedModel(server.modelsDir, { sentence: '<tool_call>\n{"name": "weather", "arguments": {"city": "Lyon"}}\n</tool_call>', fileName: 'caller.gguf' }) }
	];
	expect((await server.post('/api/models', { models })).status).toBe(200);
}, 120_000);
afterAll(async () => {
	await server.stop();
	await fake.stop();
});

type Json = Record<string, any>; // eslint-disable-line @typescript-eslint/no-explicit-any
const answer = async (path: string, body: unknown): Promise<Json> => (await server.post(path, body)).json() as Promise<Json>;
/** The events of a stream with their names. */
async function eventsOf(path: string, body: object): Promise<{ event: string | undefined; data: Json }[]> {
	const response = await server.post(path, { ...body, stream: true });
	expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
	return (await response.text())
		.split('\n\n')
		.filter((frame) => /^(event|data):/.test(frame))
		.map((frame) => ({ event: /^event: (.*)$/m.exec(frame)?.[1], data: JSON.parse(/^data: (.*)$/m.exec(frame)![1]!.replace('[DONE]', '"[DONE]"')) as Json }));
}
const tool = { name: 'weather', description: 'The weather of a city', parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } };

describe('POST /v1/completions', () => {
	const request = { model: 'scripted', prompt: 'Anything\n', temperature: 0 };

	it('goes on from a raw text, whole and streamed', async () => {
		const whole = await answer('/v1/completions', request);
		expect(whole).toMatchObject({ object: 'text_completion', choices: [{ index: 0, text: sentence, finish_reason: 'stop', logprobs: null }] });
		expect(whole.usage.total_tokens).toBe(whole.usage.prompt_tokens + whole.usage.completion_tokens);
		const events = await eventsOf('/v1/completions', { ...request, stream_options: { include_usage: true } });
		expect(events.at(-1)!.data).toBe('[DONE]');
		expect(events.slice(0, -1).map(({ data }) => data.choices[0]?.text ?? '').join('')).toBe(sentence);
		expect(events.at(-2)!.data).toMatchObject({ choices: [], usage: { completion_tokens: whole.usage.completion_tokens } });
	});

	it('answers each prompt of a list, n times, and repeats it when asked', async () => {
		const { choices } = await answer('/v1/completions', { ...request, prompt: ['One\n', 'Two\n'], n: 2, echo: true });
		expect(choices.map(({ index, text }: Json) => [index, text])).toEqual([[0, `One\n${sentence}`], [1, `One\n${sentence}`], [2, `Two\n${sentence}`], [3, `Two\n${sentence}`]]);
	});

	it('takes tokens, tells log-probabilities side by side, and ends at a stop string or a limit', async () => {
		const { tokens } = await answer('/v1/tokenize', { model: 'scripted', input: 'Anything\n' });
		const { choices } = await answer('/v1/completions', { ...request, prompt: tokens, logprobs: 2, stop: ' fox' });
		expect(choices[0]).toMatchObject({ text: 'The quick brown', finish_reason: 'stop' });
		const { tokens: told, token_logprobs, top_logprobs, text_offset } = choices[0].logprobs;
		expect(told.join('')).toBe('The quick brown');
		expect([token_logprobs.length, top_logprobs.length, text_offset[0]]).toEqual([told.length, told.length, 0]);
		expect((await answer('/v1/completions', { ...request, max_tokens: 1 })).choices[0].finish_reason).toBe('length');
	});

	it('leaves a raw text as it is: no thinking is split off', async () => {
		expect((await answer('/v1/completions', { ...request, model: 'thinker' })).choices[0].text).toBe('<think>They greet me.</think>Good day to you.');
	});

	it('asks an upstream for the same', async () => {
		await answer('/v1/completions', { model: 'qwen3-4b', prompt: 'Once', max_tokens: 4 });
		expect((await fake.counts()).requests['POST /v1/completions']).toBe(1);
	});

	it.each([
		[{ prompt: undefined }, 'prompt'],
		[{ prompt: [] }, 'prompt'],
		[{ prompt: [-1] }, 'prompt'],
		[{ prompt: [4_000_000] }, 'no token 4000000'],
		[{ suffix: 'x' }, 'suffix is not supported'],
		[{ best_of: 3 }, 'best_of is not supported'],
		[{ echo: true, logprobs: 1 }, 'echo is not supported together with logprobs'],
		[{ max_tokens: 0 }, 'max_tokens']
	])('refuses %j by name', async (wrong, named) => {
		const response = await server.post('/v1/completions', { ...request, ...wrong });
		expect(response.status).toBe(400);
		expect(((await response.json()) as Json).error).toMatchObject({ type: 'invalid_request_error', message: expect.stringContaining(named) });
	});
});

describe('POST /v1/responses', () => {
	const request = { model: 'scripted', input: 'Say it', temperature: 0 };

	it('answers whole, and keeps nothing', async () => {
		const response = await server.post('/v1/responses', { ...request, instructions: 'Be brief.', metadata: { a: 'b' } });
		expect(response.headers.get('x-conversation-id')).toBeNull();
		expect(await response.json()).toMatchObject({
			object: 'response', status: 'completed', store: false, instructions: 'Be brief.', metadata: { a: 'b' }, error: null,
			output: [{ type: 'message', status: 'completed', role: 'assistant', content: [{ type: 'output_text', text: sentence, annotations: [] }] }],
			usage: { input_tokens_details: { cached_tokens: expect.any(Number) }, total_tokens: expect.any(Number) }
		});
	});

	it('wire 2: streams named events in order with rising numbers, what was thought before what is said', async () => {
		const events = await eventsOf('/v1/responses', { ...request, model: 'thinker' });
		expect(events.every(({ event, data }) => event === data.type)).toBe(true);
		expect(events.map(({ data }) => data.sequence_number)).toEqual(events.map((_, index) => index));
		const once = events.map(({ event }) => event!.replace('response.', '')).filter((name, index, all) => name !== all[index - 1]);
		expect(once).toEqual([
			'created', 'in_progress',
			'output_item.added', 'content_part.added', 'reasoning_text.delta', 'reasoning_text.done', 'content_part.done', 'output_item.done',
			'output_item.added', 'content_part.added', 'output_text.delta', 'output_text.done', 'content_part.done', 'output_item.done',
			'completed'
		]);
		expect(events.at(-1)!.data.response.output.map(({ type }: Json) => type)).toEqual(['reasoning', 'message']);
		expect(events.filter(({ event }) => event === 'response.output_text.delta').map(({ data }) => data.delta).join('')).toBe('Good day to you.');
	});

	it('calls tools, takes their results back, and ends incomplete at a limit', async () => {
		const tools = [{ type: 'function', ...tool }];
		const { output } = await answer('/v1/responses', { ...request, model: 'caller', tools });
		expect(output).toMatchObject([{ type: 'function_call', name: 'weather', arguments: expect.stringContaining('Lyon'), call_id: expect.any(String) }]);
		const again = [{ role: 'user', content: 'Weather?' }, output[0], { type: 'function_call_output', call_id: output[0].call_id, output: 'sunny' }];
		expect((await answer('/v1/responses', { ...request, input: again, tools })).status).toBe('completed');
		const streamed = await eventsOf('/v1/responses', { ...request, model: 'caller', tools });
		expect(streamed.filter(({ event }) => event === 'response.function_call_arguments.delta').map(({ data }) => data.delta).join('')).toBe(output[0].arguments);
		expect(await answer('/v1/responses', { ...request, max_output_tokens: 2 })).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } });
	});

	it.each([
		[{ previous_response_id: 'resp_1' }, 'previous_response_id is not supported'],
		[{ background: true }, 'background is not supported'],
		[{ tools: [{ type: 'web_search' }] }, 'tools of type web_search are not supported'],
		[{ input: [{ type: 'item_reference', id: 'x' }] }, 'items of type item_reference are not supported'],
		[{ input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'data:image/png;base64,AAAA' }] }] }, 'image_url'],
		[{ input: undefined }, 'input']
	])('refuses %j by name', async (wrong, named) => {
		const response = await server.post('/v1/responses', { ...request, ...wrong });
		expect(response.status).toBe(400);
		expect(((await response.json()) as Json).error.message).toContain(named);
	});
});

describe('POST /v1/messages', () => {
	const request = { model: 'scripted', max_tokens: 64, temperature: 0, messages: [{ role: 'user', content: 'Say it' }] };

	it('answers whole, with the key as x-api-key too', async () => {
		const message = await answer('/v1/messages?beta=true', { ...request, system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }] });
		expect(message).toMatchObject({ type: 'message', role: 'assistant', model: 'scripted', content: [{ type: 'text', text: sentence }], stop_reason: 'end_turn', stop_sequence: null });
		expect(message.usage.input_tokens + message.usage.cache_read_input_tokens).toBeGreaterThan(0);
		const { key } = await server.trpc.keys.create.mutate({ name: 'agent' });
		const byKey = await fetch(`${server.url}/v1/messages`, { method: 'POST', headers: { 'content-type': 'application/json', 'x-api-key': key, 'anthropic-version': '2023-06-01' }, body: JSON.stringify(request) });
		expect(byKey.status).toBe(200);
		expect(byKey.headers.get('request-id')).toBe(byKey.headers.get('x-request-id'));
	});

	it('wire 31, 32: streams named events, a block after the other, and no [DONE]', async () => {
		const events = await eventsOf('/v1/messages', { ...request, model: 'thinker' });
		const once = events.map(({ event }) => event).filter((name, index, all) => name !== all[index - 1]);
		expect(once).toEqual(['message_start', 'content_block_start', 'content_block_delta', 'content_block_stop', 'content_block_start', 'content_block_delta', 'content_block_stop', 'message_delta', 'message_stop']);
		expect(events[0]!.data.message.usage.input_tokens).toBeGreaterThan(0);
		expect(events.filter(({ event }) => event === 'content_block_start').map(({ data }) => [data.index, data.content_block.type])).toEqual([[0, 'thinking'], [1, 'text']]);
		expect(events.at(-2)!.data).toMatchObject({ delta: { stop_reason: 'end_turn' }, usage: { output_tokens: expect.any(Number) } });
	});

	it('calls tools, takes their results back, and says which stop sequence ended it', async () => {
		const tools = [{ name: tool.name, description: tool.description, input_schema: tool.parameters }];
		const message = await answer('/v1/messages', { ...request, model: 'caller', tools });
		expect(message).toMatchObject({ stop_reason: 'tool_use', content: [{ type: 'tool_use', name: 'weather', input: { city: 'Lyon' } }] });
		const streamed = await eventsOf('/v1/messages', { ...request, model: 'caller', tools });
		expect(JSON.parse(streamed.filter(({ data }) => data.delta?.type === 'input_json_delta').map(({ data }) => data.delta.partial_json).join(''))).toEqual({ city: 'Lyon' });
		const turns = [...request.messages, { role: 'assistant', content: message.content }, { role: 'user', content: [{ type: 'tool_result', tool_use_id: message.content[0].id, content: [{ type: 'text', text: 'sunny' }] }] }];
		expect((await server.post('/v1/messages', { ...request, tools, messages: turns })).status).toBe(200);
		expect(await answer('/v1/messages', { ...request, stop_sequences: ['nothing', ' fox'] })).toMatchObject({ stop_reason: 'stop_sequence', stop_sequence: ' fox', content: [{ text: 'The quick brown' }] });
		expect(await answer('/v1/messages', { ...request, max_tokens: 1 })).toMatchObject({ stop_reason: 'max_tokens' });
	});

	it('wire 34: reads system and results of tools as blocks, and leaves cache_control alone', async () => {
		const cache_control = { type: 'ephemeral' };
		const tokens = async (system: unknown) => (await answer('/v1/messages/count_tokens', { model: 'scripted', system, messages: request.messages })).input_tokens as number;
		expect(await tokens([{ type: 'text', text: 'Be ', cache_control }, { type: 'text', text: 'brief.' }])).toBe(await tokens('Be brief.'));
		const blocks = [{ type: 'text', text: 'sun' }, { type: 'text', text: 'ny', cache_control }];
		const turns = [...request.messages, { role: 'assistant', content: [{ type: 'tool_use', id: 'call_1', name: 'weather', input: { city: 'Lyon' } }] }, { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'call_1', content: blocks, cache_control }] }];
		await answer('/v1/messages?beta=true', { ...request, model: 'qwen3-4b', system: [{ type: 'text', text: 'Be brief.', cache_control }], messages: turns });
		const { messages } = (await fake.counts()).chats.at(-1)!.body as { messages: Json[] };
		expect(messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'tool']);
		expect([messages[0]!.content, messages[2]!.tool_calls[0].function, messages[3]]).toMatchObject(['Be brief.', { name: 'weather', arguments: '{"city":"Lyon"}' }, { tool_call_id: 'call_1', content: 'sunny' }]);
		expect(JSON.stringify(messages)).not.toContain('cache_control');
	});

	it('wire 34: refuses a block that no model here reads by its type', async () => {
		const response = await server.post('/v1/messages', { ...request, messages: [{ role: 'user', content: [{ type: 'container_upload', file_id: 'file_1' }] }] });
		expect([response.status, await response.json()]).toMatchObject([400, { error: { type: 'invalid_request_error', message: expect.stringContaining('container_upload') } }]);
	});

	it('counts the tokens that the prompt then has', async () => {
		const { input_tokens } = await answer('/v1/messages/count_tokens', { model: 'scripted', messages: request.messages });
		const { usage } = await answer('/v1/messages', request);
		expect(usage.input_tokens + usage.cache_read_input_tokens).toBe(input_tokens);
		expect((await answer('/v1/messages/count_tokens', { model: 'qwen3-4b', messages: request.messages })).input_tokens).toBeGreaterThan(0);
	});

	it('wire 33: refuses in its own envelope, and says the numbers of a prompt that is too long', async () => {
		const refused = async (body: object, status: number) => {
			const response = await server.post('/v1/messages', { ...request, ...body });
			expect(response.status).toBe(status);
			const { type, error, request_id } = (await response.json()) as Json;
			expect([type, request_id]).toEqual(['error', response.headers.get('request-id')]);
			return error as Json;
		};
		expect(await refused({ model: 'nothing' }, 404)).toMatchObject({ type: 'not_found_error' });
		expect(await refused({ max_tokens: undefined }, 400)).toMatchObject({ type: 'invalid_request_error', message: 'max_tokens: Field required' });
		const long = await refused({ messages: [{ role: 'user', content: 'word '.repeat(20_000) }] }, 400);
		expect(long).toMatchObject({ type: 'invalid_request_error', message: expect.stringMatching(/^prompt is too long: \d+ tokens > \d+ maximum$/) });
		expect((await fetch(`${server.url}/v1/messages`, { method: 'POST' })).status).toBe(401);
		const wrong = await fetch(`${server.url}/v1/messages`, { headers: { authorization: `Bearer ${server.admin.token}` } });
		expect([wrong.status, ((await wrong.json()) as Json).type]).toEqual([405, 'error']);
	});
});

describe('POST /v1/embeddings with an upstream', () => {
	it('wire 20: gives base64 where it was asked for, though the upstream knows floats alone', async () => {
		const floats = await answer('/v1/embeddings', { model: 'nomic', input: ['one', 'three'] });
		expect(floats.data.map(({ embedding }: Json) => embedding.length)).toEqual([8, 8]);
		const { data } = await answer('/v1/embeddings', { model: 'nomic', input: ['one', 'three'], encoding_format: 'base64' });
		const decoded = Buffer.from(data[1].embedding as string, 'base64');
		expect(Array.from({ length: 8 }, (_, i) => decoded.readFloatLE(i * 4))).toEqual(floats.data[1].embedding);
	});
});
