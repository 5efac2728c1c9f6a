import Anthropic from '@anthropic-ai/sdk';
import { rmSync } from 'node:fs';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sentence, startChatServer, type ChatServer } from '../../support/chat-server.ts';
import { scriptedModel, tinyModel } from '../../support/models.ts';
import { send } from '../../support/send.ts';

let server: ChatServer;
beforeAll(async () => {
	server = await startChatServer({ RATE_LIMIT_IP: '2' });
	const lost = tinyModel(server.modelsDir, { fileName: 'lost.gguf' });
	const thinker = scriptedModel(server.modelsDir, { sentence: '<think>They greet me.</think>Good day to you.', fileName: 'thinker.gguf' });
	expect((await server.post('/api/models', { models: [{ name: 'lost', path: lost }, { name: 'thinker', path: thinker }] })).status).toBe(200);
	rmSync(lost);
}, 120_000);
afterAll(() => server.stop());

const json = { 'content-type': 'application/json' };
const messages = [{ role: 'user' as const, content: 'Say it' }];
const request = { model: 'scripted', max_tokens: 64, temperature: 0, messages };
type Json = Record<string, any>; // eslint-disable-line @typescript-eslint/no-explicit-any
const answer = async (path: string, body: unknown): Promise<Json> => (await server.post(path, body)).json() as Promise<Json>;

/** The path, and how its envelope tells the type and the code of a refusal. */
const dialects = [
	['/v1/chat/completions', ({ error }: Json) => [error.type, error.code]],
	['/v1/messages', ({ type, error }: Json) => [type, error.type]]
] as const;

describe.each(dialects)('a refusal of %s is in its envelope', (path, told) => {
	const openAi = path === '/v1/chat/completions';
	const authorization = () => `Bearer ${server.admin.token}`;

	it('403 for a page of another name that leads here', async () => {
		const { status, body } = await send(server, path, { method: 'POST', headers: { ...json, authorization: authorization(), host: 'evil.example' }, body: JSON.stringify(request) });
		expect([status, told(JSON.parse(body) as Json)]).toEqual([403, openAi ? ['permission_error', 'origin_not_allowed'] : ['error', 'permission_error']]);
	});

	it('413 for a body that is too large', async () => {
		const response = await fetch(server.url + path, { method: 'POST', headers: { ...json, authorization: authorization() }, body: Buffer.alloc(11 * 1024 * 1024, ' ') });
		expect([response.status, told((await response.json()) as Json)]).toEqual([413, openAi ? ['invalid_request_error', 'request_too_large'] : ['error', 'request_too_large']]);
	});

	it('429 for too many requests, with the wait in both headers, and nothing against another try', async () => {
		for (let i = 0; i < 2; i++) await send(server, path, { method: 'POST', headers: json, body: '{}' });
		const { status, headers, body } = await send(server, path, { method: 'POST', headers: json, body: '{}' });
		expect([status, told(JSON.parse(body) as Json)]).toEqual([429, openAi ? ['rate_limit_error', 'rate_limit_exceeded'] : ['error', 'rate_limit_error']]);
		expect(Number(headers['retry-after'])).toBeGreaterThan(0);
		expect([headers['retry-after-ms'], headers['x-should-retry']]).toEqual([`${String(headers['retry-after'])}000`, undefined]);
	});
});

describe('x-should-retry', () => {
	/** The clients' own fetch, and how often they have called it. */
	const counting = () => {
		let calls = 0;
		return { fetch: (...args: Parameters<typeof fetch>) => (calls++, fetch(...args)), calls: () => calls };
	};

	it('keeps the clients from asking three times for a model that cannot be loaded', async () => {
		const [first, second] = [counting(), counting()];
		const openAi = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: server.admin.token, fetch: first.fetch });
		await expect(openAi.chat.completions.create({ model: 'lost', messages })).rejects.toMatchObject({ status: 500, code: 'model_load_error' });
		const anthropic = new Anthropic({ baseURL: server.url, authToken: server.admin.token, apiKey: null, fetch: second.fetch });
		await expect(anthropic.messages.create({ model: 'lost', max_tokens: 8, messages })).rejects.toMatchObject({ status: 500, type: 'api_error' });
		expect([first.calls(), second.calls()]).toEqual([1, 1]);
	});
});

describe('usage', () => {
	it('counts the prompt and the answer as the tokeniser does, in both dialects', async () => {
		const { input_tokens: prompt } = await answer('/v1/messages/count_tokens', { model: 'scripted', messages });
		const { count } = await answer('/v1/tokenize', { model: 'scripted', input: sentence });
		const said = count + 1; // the end is a token, too
		const { usage } = await answer('/v1/chat/completions', request);
		expect(usage).toMatchObject({ prompt_tokens: prompt, completion_tokens: said, total_tokens: prompt + said });
		const { usage: other } = await answer('/v1/messages', request);
		expect([other.input_tokens + other.cache_read_input_tokens, other.output_tokens]).toEqual([prompt, said]);
	});

	it('tells what was read before, and what was thought', async () => {
		const asked = { ...request, model: 'thinker' };
		const { usage: first } = await answer('/v1/chat/completions', asked);
		const { usage: second } = await answer('/v1/chat/completions', asked);
		expect(first.prompt_tokens_details.cached_tokens).toBeLessThan(second.prompt_tokens_details.cached_tokens);
		expect(second.prompt_tokens_details.cached_tokens).toBeLessThan(second.prompt_tokens);
		const { reasoning_tokens } = second.completion_tokens_details;
		expect([reasoning_tokens > 0, reasoning_tokens < second.completion_tokens]).toEqual([true, true]);
		const { usage: third } = await answer('/v1/messages', asked);
		expect([third.cache_read_input_tokens, third.output_tokens]).toEqual([second.prompt_tokens_details.cached_tokens, second.completion_tokens]);
	});
});

it('HEAD /, by which an agent looks whether there is anybody, is answered without a body', async () => {
	const { status, body } = await send(server, '/', { method: 'HEAD' });
	expect([status < 400, body]).toEqual([true, '']);
});
