import OpenAI, { APIUserAbortError, AuthenticationError, BadRequestError, InternalServerError, NotFoundError, type APIError } from 'openai';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startFakeLmStudio, type FakeLmStudio } from '../../support/fake-lm-studio/fake-lm-studio.ts';
import { signIn, type SignedIn } from '../../support/sign-in.ts';
import { startServer, type RunningServer } from '../../support/start-server.ts';

let fake: FakeLmStudio;
let server: RunningServer;
let admin: SignedIn;
let client: OpenAI;

const model = 'qwen3-4b';
const hello = { model, messages: [{ role: 'user' as const, content: 'hello' }] };
const clientWith = (apiKey: string) => new OpenAI({ baseURL: `${server.url}/v1/`, apiKey, maxRetries: 0 });
const failureOf = (promise: PromiseLike<unknown>) => promise.then(() => expect.unreachable('it should have failed'), (error: unknown) => error as APIError);

beforeAll(async () => {
	fake = await startFakeLmStudio();
	server = await startServer({ LM_STUDIO_URL: fake.url, RATE_LIMIT_USER: '0' });
	admin = await signIn(server);
	client = clientWith(admin.token);
});
afterEach(() => fake.set({ reset: true }));
afterAll(async () => {
	await server.stop();
	await fake.stop();
});

describe('an answer in one piece', () => {
	it('is a chat.completion with its usage', async () => {
		const completion = await client.chat.completions.create(hello);
		expect(completion).toMatchObject({
			id: expect.stringMatching(/^chatcmpl-/),
			object: 'chat.completion',
			model,
			choices: [{ index: 0, message: { role: 'assistant', content: 'fake says hello' }, finish_reason: 'stop' }],
			usage: { prompt_tokens: 1, completion_tokens: 3, total_tokens: 4 }
		});
	});

	it('says nothing of usage that the upstream does not tell', async () => {
		await fake.set({ usage: false });
		expect((await client.chat.completions.create(hello)).usage).toBeUndefined();
	});

	it('ends with length where max_tokens ends it; −1 is no limit', async () => {
		expect((await client.chat.completions.create({ ...hello, max_tokens: 2 })).choices[0]).toMatchObject({ message: { content: 'fake says ' }, finish_reason: 'length' });
		expect((await client.chat.completions.create({ ...hello, max_tokens: -1 })).choices[0]).toMatchObject({ finish_reason: 'stop' });
	});

	it('carries tool calls and their answer', async () => {
		const tools: OpenAI.ChatCompletionTool[] = [{ type: 'function', function: { name: 'echo', parameters: { type: 'object', properties: { text: { type: 'string' } } } } }];
		const { choices } = await client.chat.completions.create({ ...hello, tools });
		expect(choices[0]).toMatchObject({ finish_reason: 'tool_calls', message: { content: null, tool_calls: [{ id: '365174485', type: 'function', function: { name: 'echo', arguments: '{"text":"hello"}' } }] } });
		const { message } = choices[0]!;
		await client.chat.completions.create({ ...hello, tools, messages: [...hello.messages, message, { role: 'tool', tool_call_id: '365174485', content: 'echoed' }] });
		expect((await fake.counts()).chats.at(-1)!.body.messages).toEqual([
			{ role: 'user', content: 'hello' },
			{ role: 'assistant', content: null, tool_calls: message.tool_calls },
			{ role: 'tool', content: 'echoed', tool_call_id: '365174485' }
		]);
	});

	it('that is aborted stops the upstream’s work at once', async () => {
		await fake.set({ fault: 'hang' });
		const controller = new AbortController();
		const failure = failureOf(client.chat.completions.create(hello, { signal: controller.signal }));
		while ((await fake.counts()).active === 0);
		controller.abort();
		expect(await failure).toBeInstanceOf(APIUserAbortError);
		const leftAt = performance.now();
		while ((await fake.counts()).active > 0) expect(performance.now() - leftAt).toBeLessThan(1000);
	});

	it('keeps nothing unless store is true', async () => {
		const conversations = async () => ((await (await admin.fetch('/api/conversations')).json()) as unknown[]).length;
		const before = await conversations();
		await client.chat.completions.create(hello);
		expect(await conversations()).toBe(before);
		await client.chat.completions.create({ ...hello, store: true });
		expect(await conversations()).toBe(before + 1);
	});
});

describe('a streamed answer', () => {
	it('is the same words in chunks of one id, the role once, then the end', async () => {
		const chunks = [];
		for await (const chunk of await client.chat.completions.create({ ...hello, stream: true })) chunks.push(chunk);
		expect(chunks.map((chunk) => chunk.choices[0]!.delta.content ?? '').join('')).toBe('fake says hello');
		expect(new Set(chunks.map((chunk) => `${chunk.id} ${chunk.created} ${chunk.model} ${chunk.object}`)).size).toBe(1);
		expect(chunks.filter((chunk) => chunk.choices[0]!.delta.role)).toHaveLength(1);
		expect(chunks.map((chunk) => chunk.choices[0]!.finish_reason).filter(Boolean)).toEqual(['stop']);
		expect(chunks.every((chunk) => chunk.choices.length === 1 && chunk.usage === undefined)).toBe(true);
	});

	it('tells usage in a last chunk without choices, only when asked', async () => {
		const chunks = [];
		for await (const chunk of await client.chat.completions.create({ ...hello, stream: true, stream_options: { include_usage: true } })) chunks.push(chunk);
		expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 3 } });
		expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
	});

	it('gathers tool calls in the client’s own runner', async () => {
		const stream = client.chat.completions.stream({ ...hello, tools: [{ type: 'function', function: { name: 'echo' } }] });
		const { choices } = await stream.finalChatCompletion();
		expect(choices[0]).toMatchObject({ finish_reason: 'tool_calls', message: { tool_calls: [{ function: { name: 'echo', arguments: '{"text":"hello"}' } }] } });
	});

	it('shows thoughts as reasoning_content, apart from the answer', async () => {
		await fake.set({ reasoning: 'reasoning' });
		let [thoughts, words] = ['', ''];
		for await (const chunk of await client.chat.completions.create({ ...hello, stream: true })) {
			const delta = chunk.choices[0]!.delta as { content?: string; reasoning_content?: string };
			thoughts += delta.reasoning_content ?? '';
			words += delta.content ?? '';
		}
		expect([thoughts, words]).toEqual(['Let me think.', 'fake says hello']);
	});

	it.each(['cut', 'error-frame'] as const)('that breaks off (%s) throws the client’s APIError after what came', async (fault) => {
		await fake.set({ fault, after: 2 });
		let words = '';
		const read = async () => {
			for await (const chunk of await client.chat.completions.create({ ...hello, stream: true })) words += chunk.choices[0]!.delta.content ?? '';
		};
		expect(await failureOf(read())).toMatchObject({ name: 'Error', code: 'upstream_unavailable', type: 'server_error' });
		expect(words).toBe('fake says ');
	});

	it.each(['aborted', 'broken off'] as const)('%s by the client stops the upstream’s work at once', async (how) => {
		await fake.set({ tokenMs: 20, reply: Array.from({ length: 500 }, (_, index) => `${index} `) });
		const controller = new AbortController();
		const stream = await client.chat.completions.create({ ...hello, stream: true }, { signal: controller.signal });
		let seen = 0;
		try {
			for await (const { choices } of stream) {
				seen += choices.length;
				if (seen < 5) continue;
				if (how === 'broken off') break;
				controller.abort();
			}
		} catch (thrown) {
			expect(thrown).toBeInstanceOf(APIUserAbortError);
		}
		const leftAt = performance.now();
		while ((await fake.counts()).active > 0) expect(performance.now() - leftAt).toBeLessThan(1000);
		expect((await fake.counts()).chats.at(-1)).toMatchObject({ aborted: true });
	});
});

describe('a refusal is the client’s own class, with the envelope’s members', () => {
	it('400 for what is wrong with the request, naming the member', async () => {
		const error = await failureOf(client.chat.completions.create({ ...hello, temperature: 9 }));
		expect(error).toBeInstanceOf(BadRequestError);
		expect(error).toMatchObject({ type: 'invalid_request_error', param: 'temperature', message: expect.stringContaining('temperature') });
	});

	it('400 for a model that makes embeddings, without asking its server', async () => {
		await fake.set({ models: [{ key: 'vectors', type: 'embedding' }] });
		expect(await failureOf(client.chat.completions.create({ ...hello, model: 'vectors' }))).toMatchObject({ status: 400, param: 'model', message: expect.stringContaining('embeddings') });
		expect((await fake.counts()).chats.filter(({ body }) => body.model === 'vectors')).toEqual([]);
	});

	it('400 context_length_exceeded, with the numbers', async () => {
		await fake.set({ models: [{ key: 'small', contextLength: 16 }] });
		const error = await failureOf(client.chat.completions.create({ model: 'small', messages: [{ role: 'user', content: 'word '.repeat(100) }], stream: true }));
		expect(error).toBeInstanceOf(BadRequestError);
		expect(error).toMatchObject({ code: 'context_length_exceeded', message: expect.stringMatching(/125 .* 16 /) });
	});

	it('401 invalid_api_key', async () => {
		const error = await failureOf(clientWith('wrong').chat.completions.create(hello));
		expect(error).toBeInstanceOf(AuthenticationError);
		expect(error).toMatchObject({ code: 'invalid_api_key' });
	});

	it('401 without any key, in a mode that is open to others', async () => {
		const response = await fetch(`${server.url}/v1/models`);
		expect([response.status, await response.json()]).toMatchObject([401, { error: { code: 'invalid_api_key', param: null } }]);
	});

	it('404 model_not_found', async () => {
		const error = await failureOf(client.chat.completions.create({ ...hello, model: 'nope' }));
		expect(error).toBeInstanceOf(NotFoundError);
		expect(error).toMatchObject({ code: 'model_not_found', param: 'model', requestID: expect.any(String) });
	});

	it('502 when the upstream fails, in both manners', async () => {
		await fake.set({ fault: 'fail-500' });
		for (const stream of [false, true]) {
			const error = await failureOf(client.chat.completions.create({ ...hello, stream }));
			expect(error).toBeInstanceOf(InternalServerError);
			expect(error).toMatchObject({ status: 502, code: 'upstream_unavailable', message: expect.stringContaining('lm-studio failed with status 500: Something broke') });
		}
	});

	it('503 with the wait that a busy upstream asks for, in both headers that clients read', async () => {
		await fake.set({ fault: 'busy-429' });
		const error = await failureOf(client.chat.completions.create(hello));
		expect([error.status, error.headers?.get('retry-after'), error.headers?.get('retry-after-ms')]).toEqual([503, '7', '7000']);
	});

	it.each([
		['GET', '/v1/nope', 404, 'unknown_url'],
		['POST', '/v1/completely/else', 404, 'unknown_url'],
		['GET', '/v1/chat/completions', 405, 'method_not_allowed']
	])('%s %s is %i in JSON', async (method, path, status, code) => {
		const response = await admin.fetch(path, { method });
		expect([response.status, response.headers.get('content-type'), ((await response.json()) as { error: { code: string } }).error.code]).toEqual([status, 'application/json', code]);
	});

	it('a body that is no JSON is 400 in the envelope', async () => {
		const response = await admin.fetch('/v1/chat/completions', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' });
		expect([response.status, await response.json()]).toMatchObject([400, { error: { type: 'invalid_request_error' } }]);
	});
});

it('an API key works as a Bearer and as x-api-key', async () => {
	const created = await admin.fetch('/trpc/keys.create', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ json: { name: 'test' } }) });
	const { key } = ((await created.json()) as { result: { data: { json: { key: string } } } }).result.data.json;
	expect((await clientWith(key).chat.completions.create(hello)).choices).toHaveLength(1);
	expect((await fetch(`${server.url}/v1/models`, { headers: { 'x-api-key': key } })).status).toBe(200);
});
