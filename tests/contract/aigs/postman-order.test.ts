import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chunksOf, dataOf, sseBlocks, textOf } from '../../support/chat-frames.ts';
import { startFakeLmStudio, type FakeLmStudio } from '../../support/fake-lm-studio/fake-lm-studio.ts';
import { startServer, type RunningServer } from '../../support/start-server.ts';

const json = { 'content-type': 'application/json' };

let fake: FakeLmStudio;
let server: RunningServer;
beforeAll(async () => {
	fake = await startFakeLmStudio({ models: [{ key: 'model-name', loaded: true }] });
	server = await startServer({ LM_STUDIO_URL: fake.url });
});
afterAll(async () => {
	await server.stop();
	await fake.stop();
});

type Client = { call: (method: string, path: string, body?: unknown) => Promise<Response>; signedIn: (login: Response, token: string) => void };

/** A client that keeps cookies and nothing else, as Postman and browsers do. */
function cookieJar(): Client {
	const jar = new Map<string, string>();
	const keep = (response: Response) => {
		for (const line of response.headers.getSetCookie()) {
			const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
			if (value) jar.set(name!, value);
			else jar.delete(name!);
		}
		return response;
	};
	return {
		signedIn: () => undefined,
		async call(method, path, body) {
			const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
			return keep(await fetch(server.url + path, { method, headers: { ...(body === undefined ? {} : json), ...(cookie ? { cookie } : {}) }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }));
		}
	};
}

/** A client that sends the token of its login and knows no cookies. */
function bearer(): Client {
	let authorization: Record<string, string> = {};
	return {
		signedIn: (_login, token) => void (authorization = { authorization: `Bearer ${token}` }),
		call: (method, path, body) => fetch(server.url + path, { method, headers: { ...(body === undefined ? {} : json), ...authorization }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
	};
}

describe.each([['a cookie jar alone', cookieJar], ['Bearer alone', bearer]])('document B in its Postman order, with %s', (_name, makeClient) => {
	const client = makeClient();
	const read = async <T>(response: Response | Promise<Response>, status = 200) => {
		const answered = await response;
		expect(answered.status).toBe(status);
		return (await answered.json()) as T;
	};
	let conversationId: string;

	it('login', async () => {
		const response = await client.call('POST', '/api/auth/login', { username: 'admin', password: 'admin' });
		const body = await read<{ success: boolean; token: string; message: string; user: object }>(response);
		expect(body).toEqual({ success: true, token: expect.any(String), message: expect.any(String), user: { id: expect.any(String), username: 'admin', role: 'admin' } });
		expect(response.headers.getSetCookie().join()).toMatch(/access_token=[^;]+;.*HttpOnly/i);
		client.signedIn(response, body.token);
	});

	it('csrf', async () => expect(await read(client.call('GET', '/api/auth/csrf'))).toEqual({ csrfToken: expect.any(String) }));

	it('models', async () => expect(await read(client.call('GET', '/api/models'))).toEqual([{ id: 'model-name', object: 'model', created: expect.any(Number), ownedBy: 'lm-studio' }]));

	it('chat', async () => {
		const response = await client.call('POST', '/api/chat', { model: 'model-name', messages: [{ role: 'user', content: 'Hello, how are you?' }], temperature: 0.7, max_tokens: 1000, top_p: 0.9, stream: true });
		expect(response.status).toBe(200);
		const data = dataOf(await sseBlocks(response));
		expect(data.at(-1)).toBe('[DONE]');
		expect(textOf(chunksOf(data))).toBe('fake says Hello, how are you?');
		conversationId = response.headers.get('x-conversation-id')!;
	});

	it('conversations', async () => {
		const [newest] = await read<{ id: string; title: string }[]>(client.call('GET', '/api/conversations'));
		expect(newest).toMatchObject({ id: conversationId, title: 'Hello, how are you?' });
	});

	it('create', async () => expect(await read(client.call('POST', '/api/conversations', { title: 'New Conversation' }))).toEqual({ id: expect.any(String), title: 'New Conversation', createdAt: expect.any(String), updatedAt: expect.any(String) }));

	it('get', async () => {
		const { messages } = await read<{ messages: object[] }>(client.call('GET', `/api/conversations/${conversationId}`));
		expect(messages[0]).toEqual({ id: expect.any(String), role: 'user', content: 'Hello, how are you?', promptTokens: expect.any(Number), completionTokens: 0, latencyMs: 0, createdAt: expect.any(String) });
	});

	it('health', async () => {
		expect((await client.call('GET', '/health/live')).status).toBe(200);
		expect(await read(client.call('GET', '/health/ready'))).toMatchObject({ status: 'Healthy', checks: expect.arrayContaining([{ name: 'LM Studio', status: 'Healthy', description: 'LM Studio connection is healthy' }]) });
	});

	it('metrics', async () => expect(await (await client.call('GET', '/metrics')).text()).toContain('http_requests_total{method="POST",endpoint="/api/chat"}'));

	it('logout, after which nothing opens', async () => {
		const response = await client.call('POST', '/api/auth/logout');
		expect([response.status, await response.text()]).toEqual([204, '']);
		expect((await client.call('GET', '/api/conversations')).status).toBe(401);
	});
});
