import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createTRPCClient, httpBatchStreamLink } from '@trpc/client';
import superjson from 'superjson';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LogRow } from '../../../src/lib/contract/logs.ts';
import type { AppRouter } from '../../../src/lib/server/trpc/router.ts';
import { call } from '../../support/call.ts';
import { startChatServer, type ChatServer } from '../../support/chat-server.ts';
import { openLive } from '../../support/live-socket.ts';
import { signIn } from '../../support/sign-in.ts';
import { startServer, type RunningServer } from '../../support/start-server.ts';
import { trpcClient, trpcSocket, type TrpcSocket } from '../../support/trpc-client.ts';

const logFiles = (server: RunningServer) => readdirSync(join(server.dataDir, 'logs')).map((name) => join(server.dataDir, 'logs', name));
const onDisk = (server: RunningServer) => logFiles(server).map((path) => readFileSync(path, 'utf8')).join('');

describe('the access log', () => {
	let server: RunningServer;
	beforeAll(async () => void (server = await startServer({ RATE_LIMIT_IP: '0' })));
	afterAll(() => server.stop());

	it('has document A\'s five fields of every access, under its request id', async () => {
		const answer = await call(server, 'GET', '/api/parameters/category/none');
		const { rows } = await trpcClient(server).logs.list.query({ requestId: answer.headers.get('x-request-id')! });
		expect(rows).toHaveLength(1);
		const [row] = rows as [LogRow];
		expect(new Date(row.timestamp).toISOString()).toBe(row.timestamp);
		expect(row).toMatchObject({ level: 'info', source: 'access', data: { ip: '127.0.0.1', method: 'GET', endpoint: '/api/parameters/category/{paramName}', status: 404, durationMs: expect.any(Number) } });
	});

	it('has refusals too: methods, bodies, URLs, upgrades', async () => {
		await call(server, 'PUT', '/api/config', {});
		await call(server, 'POST', '/api/config', '{');
		await fetch(`${server.url}/api/%ff`);
		const { socket } = await openLive(server);
		socket.terminate();
		const { rows } = await trpcClient(server).logs.list.query({ source: 'access' });
		const seen = rows.map(({ data }) => `${data!.method} ${data!.endpoint} ${data!.status}`);
		for (const wanted of ['PUT /api/config 405', 'POST /api/config 400', 'GET /api/websocket 101']) expect(seen).toContain(wanted);
		expect(rows.some(({ data }) => data!.status === 400 && data!.method === 'GET')).toBe(true);
	});

	it('writes one line for each, whatever is in the URL', async () => {
		await fetch(`${server.url}/api/forged%0A%1b[31m%E2%80%AE?token=abcdefghij`);
		const { rows } = await trpcClient(server).logs.list.query({ text: 'forged' });
		expect(rows).toHaveLength(1);
		expect(JSON.stringify(rows[0])).not.toMatch(/[\u0000-\u001f\u202e]|\\n|\\u001b|abcdefghij/);
		for (const line of server.output().trim().split('\n').slice(1)) expect(() => JSON.parse(line)).not.toThrow();
	});

	it('never holds what a caller keeps secret', async () => {
		const { token, cookie, fetch: authorized } = await signIn(server);
		await fetch(`${server.url}/api/auth/login`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"username":"admin","password":"wrong horse battery"}' });
		await authorized(`/api/models?access_token=${token}`);
		await fetch(`${server.url}/api/models/${token}`);
		await fetch(`${server.url}/api/models`, { headers: { cookie: `access_token=${token}broken` } });
		const { key } = await trpcClient(server, { token }).keys.create.mutate({ name: 'logged' });
		await fetch(`${server.url}/v1/models?api_key=${key}`, { headers: { 'x-api-key': key } });
		await fetch(`${server.url}/v1/models/${key}`, { headers: { authorization: `Bearer ${key}` } });
		await new Promise((resolve) => setTimeout(resolve, 500));
		const all = server.output() + onDisk(server) + JSON.stringify(await trpcClient(server).logs.list.query({ limit: 1000 }));
		for (const secret of [token, cookie.split('=')[1]!, key, 'wrong horse battery']) expect(all.includes(secret)).toBe(false);
	});
});

describe('logs over tRPC', () => {
	let server: RunningServer;
	let line: TrpcSocket;
	beforeAll(async () => {
		server = await startServer({ RATE_LIMIT_IP: '0' });
		line = trpcSocket(server);
	});
	afterAll(async () => {
		await line.close();
		await server.stop();
	});

	/** Follows until `enough` entries have come. */
	async function follow(input: Parameters<typeof line.client.logs.live.subscribe>[0], enough: number, meanwhile: () => Promise<unknown> = async () => undefined): Promise<LogRow[]> {
		const rows: LogRow[] = [];
		await new Promise<void>((resolve, reject) => {
			const { unsubscribe } = line.client.logs.live.subscribe(input, {
				onStarted: () => void meanwhile(),
				onData({ id, data }) {
					expect(id).toBe(String(data.id));
					if (rows.push(data) === enough) resolve(unsubscribe());
				},
				onError: reject
			});
		});
		return rows;
	}
	const ask = (name: string) => fetch(`${server.url}/api/${name}`);

	it('live: filtered by level, source and text', async () => {
		const rows = await follow({ source: 'access', level: 'info', text: 'LIVE-' }, 3, async () => {
			for (const name of ['live-1', 'other', 'live-2', 'live-3']) await ask(name);
		});
		expect(rows.map((row) => row.data!.path)).toEqual(['/api/live-1', '/api/live-2', '/api/live-3']);
		const warnings = await follow({ level: 'warn' }, 1);
		expect(warnings[0]!.level).toBe('warn');
	});

	it('live: goes on after an id, with nothing lost or told twice', async () => {
		for (let i = 0; i < 20; i++) await ask(`resumed-${i}`);
		const first = await follow({ text: 'resumed-' }, 5);
		const rest = await follow({ text: 'resumed-', lastEventId: first.at(-1)!.id }, 16, () => ask('resumed-20'));
		expect([...first, ...rest].map((row) => row.data!.path)).toEqual(Array.from({ length: 21 }, (_, i) => `/api/resumed-${i}`));
	});

	it('refuses a level that is none', async () => {
		await expect(follow({ level: 'loud' as 'info' }, 1)).rejects.toMatchObject({ data: { code: 'BAD_REQUEST' } });
	});

	it('pages back from the newest', async () => {
		for (let i = 0; i < 7; i++) await ask(`paged-${i}`);
		const { logs } = trpcClient(server);
		const newest = await logs.list.query({ text: 'paged-', limit: 4 });
		const older = await logs.list.query({ text: 'paged-', limit: 4, before: newest.rows[0]!.id });
		expect([older, newest].map(({ rows, more }) => [rows.length, more])).toEqual([[3, false], [4, true]]);
		expect([...older.rows, ...newest.rows].map((row) => row.data!.path)).toEqual(Array.from({ length: 7 }, (_, i) => `/api/paged-${i}`));
		expect(await logs.sources.query()).toEqual(expect.arrayContaining(['access', 'server']));
	});

	it('keeps them on the disk for this user alone, and hands them out whole', async () => {
		const client = createTRPCClient<AppRouter>({ links: [httpBatchStreamLink({ url: `${server.url}/trpc`, transformer: superjson })] });
		await ask('downloaded');
		let text = '';
		for await (const piece of await client.logs.download.query({ source: 'access' })) text += piece;
		const lines = text.trim().split('\n').map((one) => JSON.parse(one) as { source: string; path: string });
		expect(new Set(lines.map(({ source }) => source))).toEqual(new Set(['access']));
		expect(lines.some(({ path }) => path === '/api/downloaded')).toBe(true);
		for (const path of logFiles(server)) expect((statSync(path).mode & 0o777).toString(8)).toBe('600');
	});
});

describe('the level', () => {
	const set = (server: RunningServer, value: string) => call(server, 'PUT', '/api/parameters/category/logLevel', { value });
	const count = (server: RunningServer) => server.output().split('\n').length;

	it('is a parameter, effective at once for every source', async () => {
		const server = await startServer({ RATE_LIMIT_IP: '0' });
		try {
			expect((await set(server, 'error')).status).toBe(200);
			const before = count(server);
			for (let i = 0; i < 5; i++) await call(server, 'GET', '/api/models');
			expect(count(server)).toBe(before);
			await set(server, 'info');
			await call(server, 'GET', '/api/models');
			await expect.poll(() => count(server)).toBeGreaterThan(before);
		} finally {
			await server.stop();
		}
	});

	it('is LOG_LEVEL\'s where that is set, and shown as locked', async () => {
		const server = await startServer({ RATE_LIMIT_IP: '0', LOG_LEVEL: 'info' });
		try {
			expect((await set(server, 'error')).status).toBe(409);
			expect((await call(server, 'GET', '/api/parameters/system')).body.parameters.logLevel).toMatchObject({ value: 'info', locked: 'LOG_LEVEL' });
		} finally {
			await server.stop();
		}
	});
});

describe('where the API is closed', () => {
	let server: ChatServer;
	beforeAll(async () => void (server = await startChatServer({ API_ACCESS: 'authenticated' })));
	afterAll(() => server.stop());

	it('logs tell of everybody, so they are an administrator\'s; on the live socket others get their own lines', async () => {
		const ann = await server.user('ann');
		await expect(trpcClient(server, ann).logs.list.query()).rejects.toMatchObject({ data: { appCode: 'FORBIDDEN' } });
		expect((await server.trpc.logs.list.query()).rows.length).toBeGreaterThan(0);

		await server.admin.fetch('/api/models?of=admin');
		await ann.fetch('/api/monitoring');
		const client = await openLive(server, { authorization: `Bearer ${ann.token}` });
		const { data } = await client.until(({ type }) => type === 'logs');
		const paths = data.map(({ message }: { message: string }) => message.split(' ')[2]);
		expect(paths).toContain('/api/monitoring');
		expect(paths).not.toContain('/api/models');
		client.socket.terminate();
	});
});
