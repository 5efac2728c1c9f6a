import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chunksOf, dataOf, sseBlocks, textOf, type Chunk } from '../../support/chat-frames.ts';
import { sentence, startChatServer, type ChatServer } from '../../support/chat-server.ts';
import { startFakeLmStudio, type FakeLmStudio } from '../../support/fake-lm-studio/fake-lm-studio.ts';
import { scriptedModel } from '../../support/models.ts';
import { enginePids } from '../../support/soak/engine-pids.ts';
import type { SignedIn } from '../../support/sign-in.ts';

type Message = { id: string; role: string; content: string; promptTokens: number; completionTokens: number; latencyMs: number; createdAt: string };
type Detail = { id: string; title: string; createdAt: string; updatedAt: string; messages: Message[] };
type Problem = { status: number; code: string; errors: string[]; details: string; detail: string };

const hello = [{ role: 'user', content: 'Hello, how are you?' }];
const ask = { model: 'scripted', messages: hello, temperature: 0 };

let fake: FakeLmStudio;
let server: ChatServer;
let other: SignedIn;
beforeAll(async () => {
	fake = await startFakeLmStudio({ models: [{ key: 'upstream-model', loaded: true }] });
	server = await startChatServer({ LM_STUDIO_URL: fake.url }, { contextLength: 512, parallelSlots: 1 });
	other = await server.user('other');
	await (await server.post('/api/chat', { ...ask, stream: false, store: false })).json(); // loads the model
});
afterEach(() => fake.set({ reset: true, models: [{ key: 'upstream-model', loaded: true }] }));
afterAll(async () => {
	await server.stop();
	await fake.stop();
});

const problemOf = async (response: Response) => ({ ...((await response.json()) as Problem), httpStatus: response.status });
const streamed = async (body: object) => {
	const response = await server.post('/api/chat', body);
	return { response, data: dataOf(await sseBlocks(response)) };
};
const detailOf = (id: string | null) => server.get<Detail>(`/api/conversations/${id}`);
const countConversations = async () => (await server.get<unknown[]>('/api/conversations')).length;

describe('document B’s example', () => {
	const example = { model: 'scripted', messages: [{ role: 'user', content: 'Hello, how are you?' }], temperature: 0.7, max_tokens: 1000, top_p: 0.9, stream: true };

	it('is answered by Server-Sent Events of choices with deltas, and [DONE]', async () => {
		const { response, data } = await streamed(example);
		expect(response.status).toBe(200);
		expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
		expect(response.headers.get('cache-control')).toBe('no-cache');
		expect(response.headers.get('x-accel-buffering')).toBe('no');
		expect(data.at(-1)).toBe('[DONE]');
		expect(textOf(chunksOf(data)).length).toBeGreaterThan(0);
	});

	it('has frames without an event line, all with one id, role once, and one finish', async () => {
		const response = await server.post('/api/chat', { ...example, temperature: 0 });
		const blocks = await sseBlocks(response);
		expect(blocks.filter((block) => !/^(data: |: )[^\n]*$/.test(block))).toEqual([]);
		const chunks = chunksOf(dataOf(blocks));
		expect(textOf(chunks)).toBe(sentence);
		expect(new Set(chunks.map(({ id, created, model, object }) => `${id} ${created} ${model} ${object}`)).size).toBe(1);
		expect(chunks[0]!.object).toBe('chat.completion.chunk');
		expect(chunks[0]!.choices[0]!.delta).toEqual({ role: 'assistant', content: '' });
		expect(chunks.map((chunk) => chunk.choices[0]!.finish_reason).filter(Boolean)).toEqual(['stop']);
		expect(chunks.some((chunk) => 'usage' in chunk)).toBe(false);
	});
});

describe('an answer', () => {
	it('tells usage in a last chunk only when asked', async () => {
		const { data } = await streamed({ ...ask, stream_options: { include_usage: true } });
		const chunks = chunksOf(data);
		expect(chunks.at(-1)!.choices).toEqual([]);
		const { prompt_tokens, completion_tokens, total_tokens } = chunks.at(-1)!.usage!;
		expect(completion_tokens).toBeGreaterThan(5);
		expect(total_tokens).toBe(prompt_tokens + completion_tokens);
		expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
	});

	it('with stream: false is one chat.completion with the same words', async () => {
		const response = await server.post('/api/chat', { ...ask, stream: false });
		expect(response.headers.get('x-conversation-id')).toMatch(/^[0-9a-f-]{36}$/);
		expect(await response.json()).toMatchObject({
			id: expect.stringMatching(/^chatcmpl-/), object: 'chat.completion', model: 'scripted',
			choices: [{ index: 0, message: { role: 'assistant', content: sentence }, finish_reason: 'stop' }],
			usage: { prompt_tokens: expect.any(Number), completion_tokens: expect.any(Number) }
		});
	});

	it.each([{ max_tokens: 2 }, { maxTokens: 2 }])('ends with length where %o ends it', async (limit) => {
		const completion = (await (await server.post('/api/chat', { ...ask, ...limit, stream: false })).json()) as { choices: Chunk['choices']; usage: Chunk['usage'] };
		expect(completion.choices[0]!.finish_reason).toBe('length');
		expect(completion.usage!.completion_tokens).toBe(2);
	});

	it('takes topP as it takes top_p', async () => {
		expect((await server.post('/api/chat', { ...ask, topP: 0.5, stream: false })).status).toBe(200);
		expect((await server.post('/api/chat', { ...ask, topP: 1.5, stream: false })).status).toBe(400);
	});

	it('may be asked for more tokens than the context holds: it ends with length', async () => {
		const response = await server.post('/api/chat', { model: 'endless', messages: hello, max_tokens: 1_000_000, stream: false });
		expect(response.status).toBe(200);
		expect(await response.json()).toMatchObject({ choices: [{ finish_reason: 'length' }] });
	});

	it('takes what clients write as roles and contents', async () => {
		const promptOf = async (messages: unknown[]) => ((await (await server.post('/api/chat', { ...ask, messages, stream: false, store: false })).json()) as { usage: { prompt_tokens: number } }).usage.prompt_tokens;
		const usual = await promptOf([{ role: 'system', content: 'Be brief.' }, ...hello]);
		expect(usual).toBeGreaterThan(await promptOf(hello));
		expect(await promptOf([{ role: 'developer', content: [{ type: 'text', text: 'Be ' }, { type: 'text', text: 'brief.' }] }, ...hello])).toBe(usual);
		const call = { id: 'call_1', type: 'function', function: { name: 'f', arguments: '{}' } };
		const told = [null, undefined, ''].map((content) => promptOf([...hello, { role: 'assistant', content, tool_calls: [call] }, { role: 'tool', tool_call_id: 'call_1', content: [{ type: 'text', text: 'done' }] }]));
		expect(new Set(await Promise.all(told)).size).toBe(1);
	});

	it.each([true, false])('reads no images, and says so before the head (stream: %s)', async (stream) => {
		const before = await countConversations();
		const content = [{ type: 'text', text: 'What is this?' }, { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }, { type: 'input_audio' }];
		const problem = await problemOf(await server.post('/api/chat', { ...ask, messages: [{ role: 'user', content }], stream }));
		expect(problem).toMatchObject({ httpStatus: 400, code: 'UNSUPPORTED_PARAMETER', detail: expect.stringContaining('messages[0].content') });
		expect(problem.detail).toContain('image_url, input_audio');
		expect(await countConversations()).toBe(before);
	});

	it('comes from the default model when the request names none', async () => {
		await server.post('/api/config', { models: { defaultModel: 'scripted' } });
		const { data } = await streamed({ messages: hello, temperature: 0 });
		await server.post('/api/config', { models: { defaultModel: null } });
		expect(textOf(chunksOf(data))).toBe(sentence);
		expect(chunksOf(data)[0]!.model).toBe('scripted');
	});

	it('comes from an upstream as from here', async () => {
		const { response, data } = await streamed({ model: 'upstream-model', messages: [{ role: 'user', content: 'hello' }] });
		expect(textOf(chunksOf(data))).toBe('fake says hello');
		expect((await detailOf(response.headers.get('x-conversation-id'))).messages.map(({ content }) => content)).toEqual(['hello', 'fake says hello']);
	});

	it('is prompted with exactly the messages of the request', async () => {
		const messages = [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: 'one' }, { role: 'assistant', content: 'two' }, { role: 'user', content: 'three' }];
		const first = await streamed({ model: 'upstream-model', messages });
		await streamed({ model: 'upstream-model', messages: [{ role: 'user', content: 'alone' }], conversationId: first.response.headers.get('x-conversation-id') });
		expect((await fake.counts()).chats.slice(-2).map((chat) => chat.body.messages)).toEqual([messages, [{ role: 'user', content: 'alone' }]]);
	});
});

describe('what is wrong with a request is said before the head', () => {
	it.each<[what: string, body: unknown, sentence: string | RegExp]>([
		['no body', undefined, 'The request body must be a JSON object'],
		['an array', [], 'The request body must be a JSON object'],
		['no messages', { model: 'scripted' }, /^messages/],
		['empty messages', { ...ask, messages: [] }, 'messages: must not be empty'],
		['an unknown role', { ...ask, messages: [{ role: 'robot', content: 'x' }] }, 'messages.0.role: must be system, user, assistant or tool'],
		['no content', { ...ask, messages: [{ role: 'user' }] }, 'messages.0.content: is required'],
		['a number as content', { ...ask, messages: [{ role: 'user', content: 7 }] }, /^messages\.0\.content/],
		['a high temperature', { ...ask, temperature: 2.1 }, 'temperature: must be a number from 0 to 2'],
		['a negative temperature', { ...ask, temperature: -0.1 }, /^temperature/],
		['a temperature in words', { ...ask, temperature: 'hot' }, /^temperature/],
		['a high top_p', { ...ask, top_p: 1.01 }, 'top_p: must be a number from 0 to 1'],
		['no tokens', { ...ask, max_tokens: 0 }, 'max_tokens: must be a whole number of at least 1'],
		['minus one token', { ...ask, max_tokens: -1 }, /^max_tokens/],
		['half a token', { ...ask, maxTokens: 1.5 }, /^maxTokens/],
		['ten thousand stop strings', { ...ask, stop: Array.from({ length: 10_000 }, (_, i) => `${i}`) }, /^stop/],
		['a stop string without end', { ...ask, stop: 'x'.repeat(100_000) }, /^stop/],
		['a stop that is a number', { ...ask, stop: 7 }, /^stop/],
		['half a seed', { ...ask, seed: 0.5 }, 'seed: must be a whole number'],
		['a seed beyond numbers', { ...ask, seed: 1e300 }, /^seed/],
		['a high presence penalty', { ...ask, presence_penalty: 2.5 }, /^presence_penalty/],
		['a low frequency penalty', { ...ask, frequency_penalty: -1e308 }, /^frequency_penalty/],
		['a negative repeat penalty', { ...ask, repeat_penalty: -1 }, /^repeat_penalty/],
		['a min_p of two', { ...ask, min_p: 2 }, /^min_p/],
		['half a top_k', { ...ask, top_k: 1.5 }, /^top_k/],
		['a bias beyond 100', { ...ask, logit_bias: { 1: 101 } }, /^logit_bias/],
		['a bias on a word', { ...ask, logit_bias: { word: 1 } }, /^logit_bias/],
		['no choices', { ...ask, n: 0 }, /^n: /],
		['a thousand choices', { ...ask, n: 1000 }, /^n: /],
		['thirty log-probabilities', { ...ask, logprobs: true, top_logprobs: 30 }, /^top_logprobs/],
		['a negative least number of tokens', { ...ask, min_tokens: -1 }, /^min_tokens/],
		['a negative budget', { ...ask, reasoning_budget: -1 }, /^reasoning_budget/],
		['an unknown format', { ...ask, response_format: { type: 'xml' } }, /^response_format/],
		['a tool without a name', { ...ask, tools: [{ type: 'function', function: { name: '' } }] }, /^tools/],
		['too many tools', { ...ask, tools: Array.from({ length: 300 }, (_, i) => ({ type: 'function', function: { name: `f${i}` } })) }, /^tools/],
		['an unknown tool_choice', { ...ask, tool_choice: 'any' }, /^tool_choice/],
		['a stream that is no flag', { ...ask, stream: 'yes' }, 'stream: must be true or false'],
		['a model that is no name', { ...ask, model: 7 }, 'model: must be a string'],
		['no model without a default one', { messages: hello }, 'model is required: there is no default model'],
		['a parent without its conversation', { ...ask, parentId: 'x' }, /^parentId/]
	])('%s', async (_what, body, sentence) => {
		const before = await countConversations();
		const problem = await problemOf(await server.post('/api/chat', body));
		expect(problem).toMatchObject({ httpStatus: 400, status: 400, code: 'VALIDATION_ERROR', detail: 'The request was invalid' });
		expect(problem.errors).toEqual([typeof sentence === 'string' ? sentence : expect.stringMatching(sentence)]);
		expect(await countConversations()).toBe(before);
	});

	it('a token that the model has not', async () => {
		expect(await problemOf(await server.post('/api/chat', { ...ask, logit_bias: { 999999: 1 } }))).toMatchObject({ httpStatus: 400, code: 'VALIDATION_ERROR', detail: expect.stringContaining('logit_bias names token 999999') });
	});

	it.each([600, 4000, 100_000])('a body nested %i deep', async (depth) => {
		const response = await server.admin.fetch('/api/chat', { method: 'POST', headers: { 'content-type': 'application/json' }, body: `{"messages":${'['.repeat(depth)}${']'.repeat(depth)}}` });
		expect(await problemOf(response)).toMatchObject({ httpStatus: 400, code: 'MALFORMED_BODY', detail: expect.stringContaining('deep') });
	});

	it('names every fault at once', async () => {
		const { errors } = await problemOf(await server.post('/api/chat', { messages: [], temperature: 9, top_p: 9 }));
		expect(errors).toHaveLength(3);
	});

	it.each([true, false])('an unknown model is 404 (stream: %s)', async (stream) => {
		expect(await problemOf(await server.post('/api/chat', { ...ask, model: 'nobody', stream }))).toMatchObject({ httpStatus: 404, code: 'MODEL_NOT_FOUND' });
	});

	it.each([true, false])('too long a prompt is 400 with the numbers, and keeps nothing (stream: %s)', async (stream) => {
		const before = await countConversations();
		const problem = await problemOf(await server.post('/api/chat', { ...ask, messages: [{ role: 'user', content: 'word '.repeat(2000) }], stream }));
		expect(problem).toMatchObject({ httpStatus: 400, code: 'CONTEXT_LENGTH_EXCEEDED' });
		expect(problem.detail).toMatch(/\d{4}.*512/);
		expect(await countConversations()).toBe(before);
	});

	it('a load that fails is 500 when the whole answer is waited for', async () => {
		const path = scriptedModel(server.modelsDir, { sentence: 'Never said.', fileName: 'damaged.gguf' });
		await server.post('/api/models', { models: [{ name: 'damaged', path }] });
		writeFileSync(path, 'GGUF, but not any more');
		const before = await countConversations();
		expect(await problemOf(await server.post('/api/chat', { ...ask, model: 'damaged', stream: false }))).toMatchObject({ httpStatus: 500, code: 'MODEL_LOAD_ERROR' });
		expect(await countConversations()).toBe(before);
	});

	it('an upstream’s refusal has its true status on a stream, too', async () => {
		await fake.set({ fault: 'fail-500' });
		expect((await server.post('/api/chat', { model: 'upstream-model', messages: hello })).status).toBe(502);
	});

	it('GET is 405 and allows POST', async () => {
		const response = await server.admin.fetch('/api/chat');
		expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
	});

	it('a stranger is 401, before anything else is looked at', async () => {
		const response = await fetch(`${server.url}/api/chat`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' });
		expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
	});
});

describe('after the head', () => {
	it('a failure is one error frame and the end, without [DONE], and what was said is kept', async () => {
		await fake.set({ fault: 'cut', after: 3, reply: ['one ', 'two ', 'three ', 'four '] });
		const { response, data } = await streamed({ model: 'upstream-model', messages: hello });
		expect(response.status).toBe(200);
		expect(data).not.toContain('[DONE]');
		expect(JSON.parse(data.at(-1)!)).toMatchObject({ error: { code: 'UPSTREAM_UNAVAILABLE', message: expect.any(String) } });
		expect(data.filter((one) => one.includes('"error"'))).toHaveLength(1);
		expect((await detailOf(response.headers.get('x-conversation-id'))).messages[1]!.content).toBe('one two three ');
	});

	it('waiting is told in comments, and then the answer comes', async () => {
		const leave = new AbortController();
		const first = await server.post('/api/chat', { model: 'endless', messages: hello, max_tokens: 10_000, store: false }, { signal: leave.signal });
		const second = await server.post('/api/chat', { model: 'endless', messages: hello, max_tokens: 3 });
		expect([first.status, second.status]).toEqual([200, 200]);
		expect(second.headers.get('x-conversation-id')).toBeTruthy();
		leave.abort();
		const blocks = await sseBlocks(second);
		expect(blocks[0]).toMatch(/^: queued, place 1(, about \d+ s)?$/);
		expect(blocks.at(-1)).toBe('data: [DONE]');
	});
});

describe('what is kept', () => {
	it('a chat begins a conversation, titled by its first 50 characters, with true counts and latency', async () => {
		const content = `${'Words that go on and on '.repeat(4)}end`;
		const { response } = await streamed({ ...ask, messages: [{ role: 'user', content }] });
		const detail = await detailOf(response.headers.get('x-conversation-id'));
		expect(detail.title).toBe(content.slice(0, 50));
		expect(detail.messages).toEqual([
			{ id: expect.any(String), role: 'user', content, promptTokens: expect.any(Number), completionTokens: 0, latencyMs: 0, createdAt: expect.stringMatching(/Z$/) },
			{ id: expect.any(String), role: 'assistant', content: sentence, promptTokens: 0, completionTokens: expect.any(Number), latencyMs: expect.any(Number), createdAt: expect.stringMatching(/Z$/) }
		]);
		const usage = ((await (await server.post('/api/chat', { ...ask, messages: [{ role: 'user', content }], stream: false, store: false })).json()) as Chunk).usage!;
		expect(detail.messages[0]!.promptTokens).toBe(usage.prompt_tokens);
		expect(detail.messages[1]!.completionTokens).toBe(usage.completion_tokens);
		expect(detail.messages[1]!.latencyMs).toBeGreaterThan(0);
	});

	it.each(['conversationId', 'conversation_id'])('%s appends the last user message and the reply', async (member) => {
		const { id } = (await (await server.post('/api/conversations', { title: 'Kept title' })).json()) as Detail;
		const messages = [{ role: 'user', content: 'earlier' }, { role: 'assistant', content: 'indeed' }, { role: 'user', content: 'last' }];
		const { response } = await streamed({ ...ask, messages, [member]: id });
		expect(response.headers.get('x-conversation-id')).toBe(id);
		const detail = await detailOf(id);
		expect(detail.title).toBe('Kept title');
		expect(detail.messages.map(({ role, content }) => [role, content])).toEqual([['user', 'last'], ['assistant', sentence]]);
	});

	it('it is there when [DONE] comes, and when the JSON answer comes', async () => {
		const response = await server.post('/api/chat', ask);
		const id = response.headers.get('x-conversation-id');
		let atEnd: Promise<Detail> | undefined;
		await sseBlocks(response, (block) => {
			if (block === 'data: [DONE]') atEnd = detailOf(id);
		});
		expect((await atEnd!).messages[1]!.content).toBe(sentence);
	});

	it('store: false keeps nothing', async () => {
		const before = await countConversations();
		for (const stream of [true, false]) {
			const response = await server.post('/api/chat', { ...ask, stream, store: false });
			await response.text();
			expect(response.headers.get('x-conversation-id')).toBeNull();
		}
		expect(await countConversations()).toBe(before);
	});

	it.each<[string, unknown]>([['an unknown id', '00000000-0000-4000-8000-000000000000'], ['a malformed one', 'no id at all'], ['an empty one', ''], ['a number', 7], ['an endless one', 'x'.repeat(100_000)]])(
		'%s is 404',
		async (_what, conversationId) => {
			expect(await problemOf(await server.post('/api/chat', { ...ask, conversationId }))).toMatchObject({ httpStatus: 404, code: 'CONVERSATION_NOT_FOUND' });
		}
	);

	it('another user’s is 404, with and without keeping', async () => {
		const { id } = (await (await server.post('/api/conversations', { title: 'Mine' })).json()) as Detail;
		for (const store of [true, false])
			expect(await problemOf(await server.post('/api/chat', { ...ask, conversationId: id, store }, { token: other.token }))).toMatchObject({ httpStatus: 404, code: 'CONVERSATION_NOT_FOUND' });
		expect((await detailOf(id)).messages).toEqual([]);
	});

	it('a partial reply is kept when the client leaves', async () => {
		const leave = new AbortController();
		const response = await server.post('/api/chat', { model: 'endless', messages: hello, max_tokens: 400 }, { signal: leave.signal });
		const id = response.headers.get('x-conversation-id');
		let said = '';
		await sseBlocks(response, (block) => {
			said += textOf(chunksOf(dataOf([block])));
			if (said.length > 10) leave.abort();
		}).catch(() => undefined);
		await expect.poll(async () => (await detailOf(id)).messages.length).toBe(2);
		const [question, reply] = (await detailOf(id)).messages;
		expect(reply!.content.startsWith(said)).toBe(true);
		expect(reply!.completionTokens).toBeGreaterThan(0);
		expect(reply!.completionTokens).toBeLessThan(400);
		expect(question!.promptTokens).toBeGreaterThan(0);
	});

	it('a conversation that is removed in mid-answer stays removed, and the answer ends', async () => {
		const response = await server.post('/api/chat', { model: 'endless', messages: hello, max_tokens: 400 });
		const id = response.headers.get('x-conversation-id');
		await server.trpc.conversations.remove.mutate({ id: id! });
		expect(dataOf(await sseBlocks(response)).at(-1)).toBe('[DONE]');
		expect((await server.admin.fetch(`/api/conversations/${id}`)).status).toBe(404);
	});
});

it.each(['SIGTERM', 'SIGHUP'] as const)('a server that %s stops, with its engines, tells its streams so, and keeps what was said', async (signal) => {
	const own = await startChatServer();
	const stop = () => {
		for (const pid of enginePids(own.process.pid!, '.gguf')) process.kill(pid, signal); // a service manager or a closed terminal asks all
		return own.stop({ signal, keepData: true });
	};
	try {
		const response = await own.post('/api/chat', { model: 'endless', messages: hello, max_tokens: 20_000 });
		const id = response.headers.get('x-conversation-id');
		let stopping: Promise<void> | undefined;
		const data = dataOf(await sseBlocks(response, (block) => {
			if (block.includes('"content":"') && !block.includes('"role"')) stopping ??= stop();
		}));
		await stopping;
		expect(JSON.parse(data.at(-1)!)).toMatchObject({ error: { code: 'QUEUE_FULL', message: 'The server is stopping' } });
		const again = await startChatServer({ DATA_DIR: own.dataDir, MODELS_DIR: join(own.dataDir, 'models') });
		const { messages } = await again.get<Detail>(`/api/conversations/${id}`);
		await again.stop();
		expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant']);
		expect(messages[1]!.content).not.toBe('');
	} finally {
		await own.stop();
	}
});
