import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call } from '../../support/call.ts';
import { startChatServer, type ChatServer } from '../../support/chat-server.ts';
import { startServer, type RunningServer } from '../../support/start-server.ts';
import { trpcClient, trpcSocket } from '../../support/trpc-client.ts';

const oneDecimal = (value: number) => Math.round(value * 10) / 10;

describe('/api/monitoring/history, in the first seconds', () => {
	let server: RunningServer;
	beforeAll(async () => {
		// What is kept are whole half minutes by the clock: none may end between the start and the questions.
		const left = 30_000 - (Date.now() % 30_000);
		if (left < 6000) await sleep(left);
		server = await startServer({ RATE_LIMIT_IP: '0' });
	});
	afterAll(() => server.stop());

	it('is empty: nothing is invented', async () => {
		expect((await call(server, 'GET', '/api/monitoring/history')).body).toEqual({ history: [] });
	});

	it.each(['1', '24', '720', '0.5', '0.001'])('takes hours=%s', async (hours) => {
		expect(await call(server, 'GET', `/api/monitoring/history?hours=${hours}`)).toMatchObject({ status: 200, body: { history: [] } });
	});
});

describe('/api/monitoring, for an anonymous client on loopback', () => {
	let server: RunningServer;
	const now = async () => (await call(server, 'GET', '/api/monitoring')).body;
	beforeAll(async () => void (server = await startServer({ RATE_LIMIT_IP: '0' })));
	afterAll(() => server.stop());

	it('answers document A\'s five figures, measured from the first moment on', async () => {
		const answer = await call(server, 'GET', '/api/monitoring');
		expect(answer.status).toBe(200);
		expect(Object.keys(answer.body)).toEqual(['cpu', 'memory', 'activeModels', 'totalRequests', 'uptime']);
		const { cpu, memory, activeModels, uptime } = answer.body;
		for (const percent of [cpu, memory]) {
			expect(percent).toBeGreaterThanOrEqual(0);
			expect(percent).toBeLessThanOrEqual(100);
			expect(percent).toBe(oneDecimal(percent));
		}
		expect(memory).toBeGreaterThan(0);
		expect(activeModels).toBe(0);
		expect(Number.isInteger(uptime)).toBe(true);
	});

	it('counts requests to /api and /v1 since the start, and nothing else', async () => {
		const fresh = await startServer({ RATE_LIMIT_IP: '0' });
		try {
			for (const path of ['/api/models', '/api/none', '/v1/models', '/health/live', '/metrics', '/login', '/trpc/health.live', '/']) await fetch(fresh.url + path, { redirect: 'manual' });
			const total = async () => (await call(fresh, 'GET', '/api/monitoring')).body.totalRequests as number;
			expect([await total(), await total()]).toEqual([4, 5]); // three above and each of these
		} finally {
			await fresh.stop();
		}
	});

	it('counts the seconds', async () => {
		const first = (await now()).uptime;
		await sleep(1100);
		expect((await now()).uptime - first).toBeGreaterThanOrEqual(1);
	});

	it.each(['0', '-1', '720.1', '721', '', 'abc', 'NaN', 'Infinity', '1e9', '24h', '1,5'])('refuses hours=%s', async (hours) => {
		const answer = await call(server, 'GET', `/api/monitoring/history?hours=${hours}`);
		expect(answer).toMatchObject({ status: 400, body: { code: 'VALIDATION_ERROR', errors: ['hours must be a number above 0 and at most 720'] } });
	});

	it('is read only', async () => {
		for (const path of ['/api/monitoring', '/api/monitoring/history']) {
			const answer = await call(server, 'POST', path, {});
			expect(answer).toMatchObject({ status: 405, body: { code: 'METHOD_NOT_ALLOWED' } });
			expect(answer.headers.get('allow')).toContain('GET');
		}
	});

	it('is closed to pages of other sites', async () => {
		for (const path of ['/api/monitoring', '/api/monitoring/history'])
			expect(await call(server, 'GET', path, undefined, { origin: 'https://evil.example' })).toMatchObject({ status: 403, body: { code: 'ORIGIN_NOT_ALLOWED' } });
	});

	it('keeps what was measured, in document A\'s words, over a restart', async () => {
		const path = '/api/monitoring/history?hours=1';
		await sleep(2100); // a sample of what the tests above did
		await server.stop({ keepData: true });
		server = await startServer({ RATE_LIMIT_IP: '0', DATA_DIR: server.dataDir });
		const { status, body } = await call(server, 'GET', path);
		expect(status).toBe(200);
		const rows = body.history as { timestamp: string; cpu: number; memory: number; requests: number }[];
		expect(rows.length).toBeGreaterThanOrEqual(1);
		for (const row of rows) {
			expect(Object.keys(row)).toEqual(['timestamp', 'cpu', 'memory', 'requests']);
			expect(row.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:[03]0Z$/);
			expect([row.cpu, row.memory]).toEqual([oneDecimal(row.cpu), oneDecimal(row.memory)]);
		}
		expect(rows.map((row) => row.timestamp)).toEqual(rows.map((row) => row.timestamp).sort());
		expect(rows.reduce((sum, row) => sum + row.requests, 0)).toBeGreaterThan(15);
		for (const hours of [24, 200, 720]) expect((await call(server, 'GET', `/api/monitoring/history?hours=${hours}`)).body.history.length).toBeGreaterThanOrEqual(1);
	});
});

describe('monitoring over tRPC, with models', () => {
	let server: ChatServer;
	beforeAll(async () => void (server = await startChatServer()));
	afterAll(() => server.stop());
	const ask = (content: string) => server.post('/api/chat', { model: 'scripted', messages: [{ role: 'user', content }], stream: false });

	it('has the same figures and the same history as REST', async () => {
		expect(Object.keys(await server.trpc.monitoring.current.query()).sort()).toEqual(['activeModels', 'cpu', 'memory', 'totalRequests', 'uptime']);
		expect(await server.trpc.monitoring.history.query({ hours: 1 })).toEqual(await server.get('/api/monitoring/history?hours=1'));
		expect(await server.trpc.monitoring.history.query()).toEqual(await server.get('/api/monitoring/history'));
		await expect(server.trpc.monitoring.history.query({ hours: 721 })).rejects.toMatchObject({ data: { code: 'BAD_REQUEST' } });
	});

	it('counts a loaded model as active, at once', async () => {
		const active = async () => (await server.get<{ activeModels: number }>('/api/monitoring')).activeModels;
		const before = await active();
		await server.trpc.models.load.mutate({ name: 'scripted' });
		const loaded = await active();
		await server.trpc.models.unload.mutate({ name: 'scripted' });
		expect([before, loaded, await active()]).toEqual([0, 1, 0]);
	});

	it('tells live what happens, goes on after an id, and remembers each answer for who may see it', async () => {
		const line = trpcSocket(server, { token: server.admin.token });
		try {
			const rows: { id: string; data: { at: number; tokensPerSecond: number; firstTokenMs: number | null; requestsPerMinute: number; models: { name: string }[]; disks: unknown[] } }[] = [];
			const wanted = new Promise<void>((resolve, reject) => {
				line.client.monitoring.live.subscribe(undefined, {
					onData(row) {
						rows.push(row);
						if (row.data.firstTokenMs !== null && row.data.models.length) resolve();
					},
					onError: reject
				});
			});
			await ask('Hello.');
			await wanted;
			const last = rows.at(-1)!;
			expect(last.data).toMatchObject({ models: [{ name: 'scripted', slots: 4, queued: 0 }], disks: [expect.objectContaining({ name: 'data' })] });
			expect(last.data.requestsPerMinute).toBeGreaterThan(0);
			expect(rows.some(({ data }) => data.tokensPerSecond > 0)).toBe(true);
			expect(rows.map(({ data }) => data.at)).toEqual(rows.map(({ data }) => data.at).sort());

			const next = await new Promise<string>((resolve, reject) => line.client.monitoring.live.subscribe({ lastEventId: last.id }, { onData: (row) => resolve(row.id), onError: reject }));
			expect(Number(next)).toBe(Number(last.id) + 1);
		} finally {
			await line.close();
		}
	});

	it('tells of answers: an administrator of all, a user of the own ones', async () => {
		const user = await server.user('ann');
		await server.post('/api/chat', { model: 'scripted', messages: [{ role: 'user', content: 'Mine.' }], stream: false }, { token: user.token });
		const activityOf = async (token: string) => {
			const line = trpcSocket(server, { token });
			const rows: { username: string; model: string; finish: string; completionTokens: number }[] = [];
			line.client.monitoring.activity.subscribe(undefined, { onData: ({ data }) => rows.push(data) });
			await expect.poll(() => rows.some((row) => row.username === 'ann')).toBe(true);
			await line.close();
			return rows;
		};
		const [own, all] = [await activityOf(user.token), await activityOf(server.admin.token)];
		expect(new Set(own.map((row) => row.username))).toEqual(new Set(['ann']));
		expect(new Set(all.map((row) => row.username))).toEqual(new Set(['admin', 'ann']));
		expect(own[0]).toMatchObject({ model: 'scripted', finish: 'stop' });
		expect(own[0]!.completionTokens).toBeGreaterThan(0);
		expect(JSON.stringify(all)).not.toContain('Mine.');
	});
});

describe('where the API is closed', () => {
	it('monitoring needs a user', async () => {
		const server = await startServer({ API_ACCESS: 'authenticated', RATE_LIMIT_IP: '0' });
		try {
			for (const path of ['/api/monitoring', '/api/monitoring/history']) {
				const answer = await call(server, 'GET', path);
				expect(answer).toMatchObject({ status: 401, body: { code: 'UNAUTHORIZED' } });
				expect(answer.headers.get('www-authenticate')).toBe('Bearer');
			}
			await expect(trpcClient(server).monitoring.current.query()).rejects.toMatchObject({ data: { code: 'UNAUTHORIZED' } });
		} finally {
			await server.stop();
		}
	});
});
