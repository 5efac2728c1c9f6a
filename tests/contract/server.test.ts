import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type RunningServer } from '../support/start-server.ts';

/** Sends raw bytes and returns everything that comes back until the server closes or 2 s have passed. */
function raw(port: number, bytes: string): Promise<string> {
	return new Promise((resolve, reject) => {
		let answer = '';
		const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
		socket.setTimeout(2000, () => socket.destroy());
		socket.on('data', (chunk) => (answer += chunk.toString()));
		socket.on('close', () => resolve(answer));
		socket.on('error', reject);
	});
}

describe('the built server', () => {
	let server: RunningServer;
	beforeAll(async () => {
		server = await startServer();
	});
	afterAll(() => server.stop());

	it('answers the liveness probe and gives every response a request id and safe headers', async () => {
		const response = await fetch(`${server.url}/health/live`);
		expect(response.status).toBe(200);
		expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
		expect(response.headers.get('x-content-type-options')).toBe('nosniff');
	});

	it('can be installed as an app: the manifest names its pictures, and they are there', async () => {
		const page = await (await fetch(`${server.url}/login`)).text();
		const href = /<link rel="manifest" href="([^"]+)"/.exec(page)![1]!;
		const response = await fetch(new URL(href, `${server.url}/login`));
		expect(response.headers.get('content-type')).toBe('application/manifest+json');
		const { start_url: start, display, icons } = (await response.json()) as { start_url: string; display: string; icons: { src: string; type: string }[] };
		expect({ start, display }).toEqual({ start: '/chat', display: 'standalone' });
		for (const { src, type } of icons) {
			const icon = await fetch(new URL(src, response.url));
			expect([src, icon.status, icon.headers.get('content-type')]).toEqual([src, 200, type]);
		}
	});

	it.each([
		['a malformed URL', 'GET /% HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n', 400],
		['a malformed URL below /api', 'GET /api/%ff HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n', 400],
		['a bad Host', 'GET /api/models HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n', 400],
		['oversized headers', `GET /api/models HTTP/1.1\r\nHost: localhost\r\nX-Big: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
		['no HTTP at all', 'hello\r\n\r\n', 400],
		['an unknown path', 'GET /api/nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n', 404],
		['a wrong method', 'DELETE /api/config HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n', 405]
	])('answers %s with the one error body', async (_what, bytes, status) => {
		const answer = await raw(server.port, bytes);
		expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
		expect(answer.toLowerCase()).toContain('content-type: application/problem+json');
		const body = /\{.*\}/s.exec(answer)![0];
		const problem = JSON.parse(body) as Record<string, unknown>;
		expect(answer.toLowerCase()).toContain(`x-request-id: ${String(problem['requestId'])}`);
		expect(problem).toMatchObject({ status, errors: expect.any(Array), code: expect.any(String), requestId: expect.any(String) });
		expect(Object.keys(problem).sort()).toEqual(['code', 'detail', 'details', 'error', 'errors', 'requestId', 'status', 'title', 'type']);
	});

	it.each(['/%0d%0aSet-Cookie:%20evil=1', '/login/%0d%0aSet-Cookie:%20evil=1', '/api/conversations/%0d%0aSet-Cookie:%20evil=1', '/login?redirectTo=%0d%0aSet-Cookie:%20evil=1', '/api/models?view=%0d%0aSet-Cookie:%20evil=1', '//evil.example/%0d%0aSet-Cookie:%20evil=1'])(
		'header injection: %s begins no header of its own',
		async (path) => {
			const answer = await raw(server.port, `GET ${path} HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost:${server.port}\r\nX-Request-Id: forged\r\nConnection: close\r\n\r\n`);
			const head = answer.slice(0, answer.indexOf('\r\n\r\n'));
			expect(head).toMatch(/^HTTP\/1\.1 [234]/);
			expect(head).not.toMatch(/^set-cookie: *evil/im);
			expect(head).not.toMatch(/^location: *(https?:)?\/\/evil/im);
			expect(head).not.toContain('forged');
		}
	);

	it('keeps an idle connection for longer than proxies do, so that none is closed under a request', async () => {
		const response = await fetch(`${server.url}/health/live`);
		expect(response.headers.get('keep-alive')).toBe('timeout=125');
	});

	it('tells a wrong method which ones are allowed', async () => {
		const response = await fetch(`${server.url}/api/config`, { method: 'DELETE' });
		expect(response.headers.get('allow')).toContain('POST');
	});
});

describe('starting and stopping', () => {
	it('names a wrong setting and ends', async () => {
		await expect(startServer({ PORT: 'eighty' })).rejects.toThrow(/PORT must be a number/);
	});

	it('says that the port is in use and what to do', async () => {
		const first = await startServer();
		try {
			await expect(startServer({ PORT: String(first.port) })).rejects.toThrow(/in use.*PORT/);
		} finally {
			await first.stop();
		}
	});

	it('stops within a second on SIGTERM while a page holds its connection', async () => {
		const server = await startServer();
		const socket = connect(server.port, '127.0.0.1');
		await sleep(50);
		const startedAt = performance.now();
		await server.stop();
		socket.destroy();
		expect(server.process.exitCode).toBe(0);
		expect(performance.now() - startedAt).toBeLessThan(1000);
	});
});
