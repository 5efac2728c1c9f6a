import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { send, type RawAnswer } from '../support/send.ts';
import { signIn } from '../support/sign-in.ts';
import { startServer, type RunningServer } from '../support/start-server.ts';

const json = { 'content-type': 'application/json' };
const code = (answer: RawAnswer) => (JSON.parse(answer.body) as { code: string }).code;

describe('walls against web pages', () => {
	let server: RunningServer;
	let cookie: string;
	let token: string;
	beforeAll(async () => {
		server = await startServer();
		({ cookie, token } = await signIn(server));
	});
	afterAll(() => server.stop());

	it('DNS rebinding: a foreign Host is refused in open mode, also for pages and sign-in', async () => {
		for (const path of ['/api/models', '/', '/login', '/trpc/health.live'])
			expect([path, (await send(server, path, { headers: { host: 'evil.example' } })).status]).toEqual([path, 403]);
	});

	it('DNS rebinding: a foreign Host is refused at upgrades, too', async () => {
		for (const path of ['/api/websocket', '/trpc']) {
			const upgrade = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==' };
			expect([path, (await send(server, path, { headers: { ...upgrade, host: 'evil.example' } })).status]).toEqual([path, 403]);
		}
	});

	it('drive-by POST: a foreign Origin is refused in open mode', async () => {
		const answer = await send(server, '/api/config', { method: 'POST', headers: { ...json, origin: 'https://evil.example' }, body: '{}' });
		expect([answer.status, code(answer)]).toEqual([403, 'ORIGIN_NOT_ALLOWED']);
	});

	it('cross-site request forgery: a cookie from another site needs the token, a Bearer does not', async () => {
		const body = JSON.stringify({ title: 'Forged' });
		const crossSite = { ...json, 'sec-fetch-site': 'cross-site' };
		const forged = await send(server, '/api/conversations', { method: 'POST', headers: { ...crossSite, cookie }, body });
		expect([forged.status, code(forged)]).toEqual([403, 'CSRF_FAILED']);
		const issued = await send(server, '/api/auth/csrf');
		const seed = String(issued.headers['set-cookie']).split(';')[0]!;
		const { csrfToken } = JSON.parse(issued.body) as { csrfToken: string };
		const good = await send(server, '/api/conversations', { method: 'POST', headers: { ...crossSite, cookie: `${cookie}; ${seed}`, 'x-csrf-token': csrfToken }, body });
		expect(good.status).toBe(200);
		const bearer = await send(server, '/api/conversations', { method: 'POST', headers: { ...crossSite, authorization: `Bearer ${token}` }, body });
		expect(bearer.status).toBe(200);
		const logout = await send(server, '/api/auth/logout', { method: 'POST', headers: { 'sec-fetch-site': 'cross-site', cookie } });
		expect(logout.status).toBe(403);
	});

	it('a request forwarded by a proxy is never taken for one of this machine', async () => {
		const kinds: Record<string, string>[] = [{ 'x-forwarded-for': '127.0.0.1' }, { forwarded: 'for=127.0.0.1' }, { 'x-forwarded-proto': 'https' }, { 'x-forwarded-host': 'localhost' }];
		for (const forwarded of kinds) {
			for (const path of ['/api/models', '/trpc/models.list']) {
				const answer = await send(server, path, { headers: forwarded });
				expect([path, forwarded, answer.status]).toEqual([path, forwarded, 401]);
			}
		}
		expect((await send(server, '/api/models', { headers: { 'x-forwarded-for': '127.0.0.1' } })).headers['www-authenticate']).toBe('Bearer');
	});

	it('a preflight of an allowed origin is answered before credentials, one of another gets no permission', async () => {
		const headers = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization, x-stainless-os, x-evil' };
		const allowed = await send(server, '/api/chat', { method: 'OPTIONS', headers: { ...headers, origin: 'http://localhost:5173' } });
		expect(allowed.status).toBe(204);
		expect(allowed.headers).toMatchObject({ 'access-control-allow-origin': 'http://localhost:5173', 'access-control-allow-credentials': 'true', 'access-control-allow-headers': 'authorization, x-stainless-os' });
		expect(allowed.headers.vary).toContain('Origin');
		expect(allowed.headers['x-ratelimit-limit']).toBeUndefined();
		const refused = await send(server, '/api/chat', { method: 'OPTIONS', headers: { ...headers, origin: 'https://evil.example' } });
		expect(refused.headers['access-control-allow-origin']).toBeUndefined();
	});

	it('exposes the rate limit and the conversation to pages of an allowed origin', async () => {
		const answer = await send(server, '/api/models', { headers: { origin: 'https://gateway.local' } });
		expect(answer.status).toBe(200);
		expect(answer.headers['access-control-expose-headers']).toMatch(/X-RateLimit-Remaining/);
		expect(answer.headers['access-control-expose-headers']).toMatch(/X-Conversation-Id/);
	});
});

describe('bodies', () => {
	let server: RunningServer;
	beforeAll(async () => {
		server = await startServer({ RATE_LIMIT_IP: '0' });
	});
	afterAll(() => server.stop());
	const post = (body: string | Buffer, headers: Record<string, string> = json) => send(server, '/api/config', { method: 'POST', headers, body });

	it('of 11 MB are refused with an answer that reaches the client', async () => {
		const answer = await post(Buffer.alloc(11 * 1024 * 1024, ' '));
		expect([answer.status, code(answer)]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
	});

	it('of 11 MB without a length are refused too', async () => {
		const answer = await post(Buffer.alloc(11 * 1024 * 1024, ' '), { ...json, 'transfer-encoding': 'chunked' });
		expect([answer.status, code(answer)]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
	});

	it.each([
		['broken JSON', '{"models":', json, 400, 'MALFORMED_BODY'],
		['no UTF-8', Buffer.from([0x22, 0xff, 0x22]), json, 400, 'MALFORMED_BODY'],
		['another media type', 'models=1', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
		['no object', '[]', json, 400, 'VALIDATION_ERROR']
	])('%s', async (_what, body, headers, status, expected) => {
		const answer = await post(body, headers);
		expect([answer.status, code(answer)]).toEqual([status, expected]);
	});

	it('cannot set members of the prototype', async () => {
		const answer = await post('{"__proto__":{"polluted":true},"models":{"maxConcurrent":4}}');
		expect(answer.status).toBe(200);
		expect(JSON.parse(answer.body)).not.toHaveProperty('polluted');
	});

	it('that stop half-way do not hold up others', async () => {
		const slow = connect(server.port, '127.0.0.1');
		slow.write('POST /api/config HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{');
		expect((await send(server, '/api/config')).status).toBe(200);
		slow.destroy();
	});
});

describe('rate limits', () => {
	it('count the anonymous by address, the signed-in by user, and sign-ins by themselves', async () => {
		const server = await startServer({ RATE_LIMIT_IP: '3', RATE_LIMIT_USER: '4' });
		try {
			const { token } = await signIn(server);
			const anonymous = [];
			for (let i = 0; i < 4; i++) anonymous.push(await send(server, '/api/models', { headers: { 'x-real-ip': `10.0.0.${i}` } }));
			expect(anonymous.map((answer) => answer.status)).toEqual([200, 200, 200, 429]);
			expect(anonymous.map((answer) => answer.headers['x-ratelimit-remaining'])).toEqual(['2', '1', '0', '0']);
			expect(code(anonymous[3]!)).toBe('RATE_LIMITED');
			expect(Number(anonymous[3]!.headers['retry-after'])).toBeGreaterThan(0);
			expect(Number(anonymous[0]!.headers['x-ratelimit-reset'])).toBeGreaterThan(Date.now() / 1000);
			const own = [];
			for (let i = 0; i < 5; i++) own.push((await send(server, '/api/models', { headers: { authorization: `Bearer ${token}` } })).status);
			expect(own).toEqual([200, 200, 200, 200, 429]);
			const dashboard = await send(server, '/trpc/auth.me', { headers: { authorization: `Bearer ${token}` } });
			expect([dashboard.status === 429, dashboard.headers['x-ratelimit-limit']]).toEqual([false, '600']);
			for (const path of ['/health/live', '/health/ready', '/metrics', '/login', '/favicon.ico']) {
				const answer = await send(server, path);
				expect([path, answer.status === 429, answer.headers['x-ratelimit-limit']]).toEqual([path, false, undefined]);
			}
		} finally {
			await server.stop();
		}
	});

	it('X-Forwarded-For forgery: without a trusted proxy a caller cannot choose its address', async () => {
		const server = await startServer({ RATE_LIMIT_IP: '2', API_ACCESS: 'authenticated' });
		try {
			const statuses = [];
			for (let i = 0; i < 3; i++) statuses.push((await send(server, '/api/models', { headers: { 'x-forwarded-for': `10.0.0.${i}` } })).status);
			expect(statuses).toEqual([401, 401, 429]);
		} finally {
			await server.stop();
		}
	});

	it('with a trusted proxy the address that it saw counts, and not what the caller wrote before it', async () => {
		const server = await startServer({ RATE_LIMIT_IP: '2', TRUST_PROXY: '1' });
		try {
			const from = async (addresses: string) => (await send(server, '/api/models', { headers: { 'x-forwarded-for': addresses } })).status;
			expect([await from('10.0.0.1'), await from('6.6.6.6, 10.0.0.1'), await from('7.7.7.7, 10.0.0.1')]).toEqual([401, 401, 429]);
			expect(await from('10.0.0.2')).toBe(401);
			expect([await from('2001:db8::1'), await from('2001:db8::2'), await from('2001:db8::3')]).toEqual([401, 401, 429]);
		} finally {
			await server.stop();
		}
	});

	it('allow five sign-in attempts a minute by name, over REST and tRPC alike', async () => {
		const server = await startServer();
		try {
			const attempt = (path: string, wrap: (input: object) => object) =>
				send(server, path, { method: 'POST', headers: json, body: JSON.stringify(wrap({ username: 'admin', password: 'wrong' })) });
			const statuses = [];
			for (let i = 0; i < 3; i++) statuses.push((await attempt('/api/auth/login', (input) => input)).status);
			for (let i = 0; i < 3; i++) statuses.push((await attempt('/trpc/auth.login', (input) => ({ json: input }))).status);
			expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
		} finally {
			await server.stop();
		}
	});
});

describe('headers of pages', () => {
	it('let only scripts with this answer\'s nonce run, and no frame hold the page', async () => {
		const server = await startServer();
		try {
			const [first, second] = [await send(server, '/login'), await send(server, '/login')];
			const policy = String(first.headers['content-security-policy']);
			const nonce = /'nonce-([^']+)'/.exec(policy)![1]!;
			expect(policy).toContain("frame-ancestors 'none'");
			expect(policy).not.toMatch(/script-src[^;]*unsafe-inline/);
			expect(String(second.headers['content-security-policy'])).not.toContain(nonce);
			for (const tag of first.body.match(/<script[^>]*>/g)!) expect(tag).toContain(`nonce="${nonce}"`);
			expect(first.headers).toMatchObject({ 'x-frame-options': 'DENY', 'x-content-type-options': 'nosniff', 'referrer-policy': 'same-origin' });
		} finally {
			await server.stop();
		}
	});
});
