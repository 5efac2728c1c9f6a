import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { call } from '../../support/call.ts';
import { startChatServer, type ChatServer } from '../../support/chat-server.ts';
import { openLive, refusedLive, type LiveSocket } from '../../support/live-socket.ts';
import { tinyModel } from '../../support/models.ts';
import { signIn } from '../../support/sign-in.ts';
import { startServer, type RunningServer } from '../../support/start-server.ts';

const open: LiveSocket[] = [];
afterEach(() => open.splice(0).forEach(({ socket }) => socket.terminate()));
async function live(server: RunningServer, headers?: Record<string, string>): Promise<LiveSocket> {
	const client = await openLive(server, headers);
	open.push(client);
	return client;
}
const ofType = (client: LiveSocket, type: string) => client.frames.filter((frame) => frame.type === type);
const messages = (client: LiveSocket): string[] => ofType(client, 'logs').flatMap((frame) => frame.data.map((entry: { message: string }) => entry.message));

describe('ws /api/websocket, for an anonymous client on loopback', () => {
	let server: RunningServer;
	/** the frames of 6.5 s, which pass while other tests run */
	let watched: Promise<LiveSocket>;
	beforeAll(async () => {
		server = await startServer({ RATE_LIMIT_IP: '0' });
		const client = await openLive(server);
		watched = sleep(6500).then(() => {
			client.socket.terminate();
			return client;
		});
	});
	afterAll(() => server.stop());

	it('sends document A\'s status and logs at once', async () => {
		const client = await live(server);
		await client.until(({ type }) => type === 'logs');
		expect(client.frames.map((frame) => frame.type)).toEqual(['status', 'logs']);
		const [status, logs] = client.frames;
		expect(Object.keys(status!)).toEqual(['type', 'data']);
		expect(Object.keys(status!.data)).toEqual(['cpuUsage', 'memoryUsage', 'activeModels', 'totalRequests']);
		for (const value of Object.values(status!.data)) expect(value).toEqual(expect.any(Number));
		expect(logs!.data.length).toBeGreaterThan(0);
		for (const entry of logs!.data) {
			expect(Object.keys(entry)).toEqual(['level', 'message', 'timestamp', 'source']);
			expect(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).toContain(entry.level);
			expect(new Date(entry.timestamp).toISOString()).toBe(entry.timestamp);
		}
	});

	it('sends the last 100 log entries and no more', async () => {
		for (let i = 0; i < 120; i++) await fetch(`${server.url}/api/none-${i}`);
		const client = await live(server);
		const { data } = await client.until(({ type }) => type === 'logs');
		expect(data).toHaveLength(100);
		expect(data.map((entry: { message: string }) => entry.message).join()).toContain('/api/none-119');
	});

	it('sends what is logged, soon and once, the access log included', async () => {
		const client = await live(server);
		await client.until(({ type }) => type === 'logs');
		const startedAt = performance.now();
		const names = Array.from({ length: 30 }, (_, i) => `/api/told-${i}`);
		for (const name of names) await fetch(server.url + name);
		await expect.poll(() => messages(client).filter((message) => message.includes('/api/told-')).length).toBe(names.length);
		expect(performance.now() - startedAt).toBeLessThan(3000);
		await sleep(400);
		const told = messages(client).filter((message) => message.includes('/api/told-'));
		expect(told.map((message) => /told-\d+/.exec(message)![0])).toEqual(names.map((name) => name.slice(5)));
		expect(ofType(client, 'logs').length).toBeLessThan(names.length / 2); // gathered, not one by one
		expect(told[0]).toMatch(/^(127\.0\.0\.1|::ffff:127\.0\.0\.1) GET \/api\/told-0 404 [\d.]+ ms$/);
	});

	it('gives each client every entry once, whenever it comes', async () => {
		const first = await live(server);
		const stop = new AbortController();
		const calling = (async () => {
			for (let i = 0; !stop.signal.aborted; i++) await fetch(`${server.url}/api/flow-${i}`);
		})();
		const later: LiveSocket[] = [];
		for (let i = 0; i < 4; i++) {
			await sleep(150);
			later.push(await live(server));
		}
		stop.abort();
		await calling;
		await sleep(500);
		const seen = [first, ...later].map((client) => messages(client).flatMap((message) => /flow-(\d+)/.exec(message)?.[1] ?? []).map(Number));
		for (const numbers of seen) expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, i) => numbers[0]! + i));
		expect(new Set(seen.map((numbers) => numbers.at(-1))).size).toBe(1);
	});

	it('sends status every two seconds', async () => {
		const client = await watched;
		expect(ofType(client, 'status').length).toBeGreaterThanOrEqual(4);
		expect(ofType(client, 'status').length).toBeLessThanOrEqual(5);
	});

	it('follows the interval that is set', async () => {
		const set = (value: number) => call(server, 'PUT', '/api/parameters/category/statusInterval', { value });
		const client = await live(server);
		expect((await set(1)).status).toBe(200);
		try {
			client.frames.length = 0;
			await sleep(3400);
			expect(ofType(client, 'status')).toHaveLength(3);
		} finally {
			await set(2);
		}
	});

	it('ignores what it does not know', async () => {
		const client = await live(server);
		for (const frame of ['hello', '{"type":"subscribe"}', '{', Buffer.from([0, 1, 2])]) client.socket.send(frame);
		client.socket.ping();
		await once(client.socket, 'pong');
		client.frames.length = 0;
		await client.until(({ type }) => type === 'status');
		expect(client.socket.readyState).toBe(WebSocket.OPEN);
	});

	it('closes a client that sends more than 10 MiB at once', async () => {
		const client = await live(server);
		client.socket.send(Buffer.alloc(10 * 1024 * 1024 + 2));
		expect(await client.closed).toBe(1009);
	});

	it('answers a plain GET with 426', async () => {
		const answer = await call(server, 'GET', '/api/websocket');
		expect(answer).toMatchObject({ status: 426, body: { code: 'UPGRADE_REQUIRED', status: 426 } });
		expect(answer.headers.get('upgrade')).toBe('websocket');
		expect(await call(server, 'POST', '/api/websocket', {})).toMatchObject({ status: 405, body: { code: 'METHOD_NOT_ALLOWED' } });
	});

	it('refuses pages of other sites with 403', async () => {
		const refusal = await refusedLive(server, { origin: 'https://evil.example' });
		expect(refusal).toMatchObject({ status: 403, body: { code: 'ORIGIN_NOT_ALLOWED', status: 403 } });
		expect(refusal.headers['content-type']).toBe('application/problem+json');
		expect(refusal.body.requestId).toBe(refusal.headers['x-request-id']);
		expect(await refusedLive(server, { host: 'evil.example' })).toMatchObject({ status: 403 });
	});

	it('refuses a handshake that is none', async () => {
		const socket = connect(server.port, '127.0.0.1');
		socket.write('GET /api/websocket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short\r\n\r\n');
		let text = '';
		for await (const chunk of socket) text += chunk;
		expect(text).toMatch(/^HTTP\/1\.1 400 /);
		expect(text).toContain('"code":"VALIDATION_ERROR"');
	});

	it('closes with 1001 when the server stops', async () => {
		const other = await startServer();
		const client = await live(other);
		await other.stop();
		expect(await client.closed).toBe(1001);
	});
});

describe('errors', () => {
	let server: ChatServer;
	beforeAll(async () => void (server = await startChatServer()));
	afterAll(() => server.stop());

	it('come as they happen, in document A\'s words: a model that fails to load', async () => {
		const path = tinyModel(server.modelsDir, { fileName: 'lost.gguf' });
		await server.post('/api/models', { models: [{ name: 'lost', path }] });
		rmSync(path);
		const [first, second] = [await live(server), await live(server)];
		await expect(server.trpc.models.load.mutate({ name: 'lost' })).rejects.toMatchObject({ data: { appCode: 'MODEL_LOAD_ERROR' } });
		for (const client of [first, second]) {
			const frame = await client.until(({ type }) => type === 'error');
			expect(Object.keys(frame)).toEqual(['type', 'data']);
			expect(frame.data).toEqual({ message: 'Model loading failed', code: 'MODEL_LOAD_ERROR', details: expect.stringMatching(/./) });
			expect(ofType(client, 'error')).toHaveLength(1);
		}
		await expect.poll(() => messages(first).join()).toContain('Model loading failed');
	});

	it('and a model that loads shows in status and logs', async () => {
		const client = await live(server);
		await server.trpc.models.load.mutate({ name: 'scripted' });
		await client.until(({ type, data }) => type === 'status' && data.activeModels === 1);
		const logs = await client.until(({ type, data }) => type === 'logs' && data.some((entry: { message: string }) => entry.message === 'Model loaded successfully'));
		expect(logs.data.find((entry: { message: string }) => entry.message === 'Model loaded successfully')).toMatchObject({ level: 'info', source: 'model-manager' });
	});
});

describe('where the API is closed', () => {
	let server: RunningServer;
	beforeAll(async () => void (server = await startServer({ API_ACCESS: 'authenticated', RATE_LIMIT_IP: '0' })));
	afterAll(() => server.stop());

	it('needs credentials: 401 without or with bad ones', async () => {
		for (const headers of [{}, { authorization: 'Bearer nonsense' }, { cookie: 'access_token=nonsense' }] as Record<string, string>[]) {
			const refusal = await refusedLive(server, headers);
			expect(refusal).toMatchObject({ status: 401, body: { code: 'UNAUTHORIZED' } });
			expect(refusal.headers['www-authenticate']).toBe('Bearer');
		}
	});

	it('serves who is signed in, and refuses a foreign page that rides on the cookie', async () => {
		const { token, cookie } = await signIn(server);
		for (const headers of [{ authorization: `Bearer ${token}` }, { cookie }] as Record<string, string>[]) await (await live(server, headers)).until(({ type }) => type === 'logs');
		expect(await refusedLive(server, { cookie, origin: 'https://evil.example' })).toMatchObject({ status: 403 });
	});

	it('ends with the session', async () => {
		const { token, fetch: authorized } = await signIn(server);
		const client = await live(server, { authorization: `Bearer ${token}` });
		await authorized('/api/auth/logout', { method: 'POST' });
		expect(await client.closed).toBe(4401);
	});
});
