import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call } from '../../support/call.ts';
import { signIn, type SignedIn } from '../../support/sign-in.ts';
import { startServer, type RunningServer } from '../../support/start-server.ts';
import { trpcClient } from '../../support/trpc-client.ts';

const unlimited = { RATE_LIMIT_LOGIN: '0', RATE_LIMIT_USER: '0', RATE_LIMIT_IP: '0' };
const json = { 'content-type': 'application/json' };
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const cookie = (token: string) => ({ cookie: `access_token=${token}` });

let server: RunningServer;
beforeAll(async () => {
	server = await startServer(unlimited);
});
afterAll(() => server.stop());

const get = (path: string, headers: Record<string, string> = {}) => call(server, 'GET', path, undefined, headers);
const login = (body: unknown, headers: Record<string, string> = {}) => call(server, 'POST', '/api/auth/login', body, headers);

describe("document B's authentication, as printed", () => {
	it('POST /api/auth/login sets the token as an HTTP-only cookie and gives it in the body', async () => {
		const { status, headers, body } = await login({ username: 'admin', password: 'admin' });
		expect(status).toBe(200);
		expect(body).toEqual({ success: true, token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/), message: expect.any(String), user: { id: expect.any(String), username: 'admin', role: 'admin' } });
		const [line, ...others] = headers.getSetCookie();
		expect(others).toEqual([]);
		const [pair, ...attributes] = line!.split('; ');
		expect(pair).toBe(`access_token=${body.token}`);
		expect(attributes.sort()).toEqual(['HttpOnly', 'Path=/', 'SameSite=Lax']); // not Secure: this is http
	});

	it('a cookie over https is Secure', async () => {
		const behind = await startServer({ ...unlimited, TRUST_PROXY: '1' });
		try {
			const { headers } = await call(behind, 'POST', '/api/auth/login', { username: 'admin', password: 'admin' }, { 'x-forwarded-proto': 'https' });
			expect(headers.getSetCookie()[0]).toContain('Secure');
		} finally {
			await behind.stop();
		}
	});

	it('POST /api/auth/login answers 401 to invalid credentials, the same for a user who is not there', async () => {
		for (const username of ['admin', 'nobody']) {
			const { status, headers, body } = await login({ username, password: 'wrong' });
			expect([status, body.code, body.detail]).toEqual([401, 'UNAUTHORIZED', 'The user name or the password is wrong']);
			expect(headers.get('www-authenticate')).toBe('Bearer');
			expect(headers.getSetCookie()).toEqual([]);
		}
	});

	it.each([
		['empty members', { username: '', password: '' }],
		['no members', {}],
		['members of other types', { username: 1, password: null }],
		['no body', undefined]
	])("POST /api/auth/login answers %s with the document's words", async (_what, body) => {
		const answered = await login(body);
		expect(answered.status).toBe(400);
		expect(answered.body).toMatchObject({
			type: 'https://tools.ietf.org/html/rfc7231#section-6.5.1',
			title: 'Bad Request',
			status: 400,
			detail: 'The request was invalid',
			errors: ['Username is required', 'Password must be at least 1 character']
		});
	});

	it.each([['null', 'null'], ['a list', '[]'], ['a word', '"admin"']])('POST /api/auth/login answers 400 to %s', async (_what, text) => {
		expect((await login(text)).status).toBe(400);
	});

	it('POST /api/auth/logout answers 204, also to nobody, and takes the cookie back', async () => {
		const { token } = await signIn(server);
		for (const headers of [cookie(token), {}]) {
			const { status, headers: answered, body } = await call(server, 'POST', '/api/auth/logout', undefined, headers);
			expect([status, body]).toEqual([204, '']);
			expect(answered.getSetCookie()[0]).toMatch(/^access_token=; Max-Age=0/);
		}
	});

	it('GET /api/auth/csrf gives a token bound to a cookie', async () => {
		const first = await get('/api/auth/csrf');
		expect(first.status).toBe(200);
		expect(first.body).toEqual({ csrfToken: expect.stringMatching(/^[0-9a-f-]{36}$/) });
		const held = first.headers.getSetCookie()[0]!;
		expect(held).toContain('HttpOnly');
		expect((await get('/api/auth/csrf', { cookie: held.split(';')[0]! })).body).toEqual(first.body);
		expect((await get('/api/auth/csrf')).body).not.toEqual(first.body);
	});
});

describe('credentials', () => {
	let admin: SignedIn;
	beforeAll(async () => {
		admin = await signIn(server);
	});

	it.each(['/api/models', '/api/conversations'])('GET %s takes the Bearer alone and the cookie alone', async (path) => {
		for (const headers of [bearer(admin.token), cookie(admin.token)]) {
			const { status, body } = await get(path, headers);
			expect([status, Array.isArray(body)]).toEqual([200, true]);
		}
	});

	it('POST /api/chat and conversations want a user, also where the API is open', async () => {
		expect((await get('/api/conversations')).status).toBe(401);
		expect((await call(server, 'POST', '/api/chat', 'not even JSON')).status).toBe(401);
		expect((await get('/v1/models')).status).toBe(401);
	});

	it.each(['nonsense', '', 'lr_nonsense'])('the Bearer %j is 401, even beside a good cookie and where the API is open', async (token) => {
		for (const path of ['/api/models', '/api/config', '/api/conversations', '/v1/models', '/trpc/models.list']) {
			const { status } = await get(path, { ...bearer(token), ...cookie(admin.token) });
			expect([path, status]).toEqual([path, 401]);
		}
	});

	it('login, logout, csrf, health and metrics ignore invalid credentials', async () => {
		const bad = bearer('nonsense');
		expect((await login({ username: 'admin', password: 'admin' }, bad)).status).toBe(200);
		expect((await call(server, 'POST', '/api/auth/logout', undefined, bad)).status).toBe(204);
		expect((await get('/api/auth/csrf', bad)).status).toBe(200);
		for (const path of ['/health/live', '/metrics']) expect([path, (await get(path, bad)).status]).toEqual([path, 200]);
	});

	it("lucia's raw session id is no credential", async () => {
		const { sid } = JSON.parse(Buffer.from(admin.token.split('.')[1]!, 'base64url').toString()) as { sid: string };
		expect((await get('/api/conversations', bearer(sid))).status).toBe(401);
		expect((await get('/api/conversations', cookie(sid))).status).toBe(401);
		expect((await get('/api/conversations', { cookie: `auth_session=${sid}` })).status).toBe(401);
	});

	it('session fixation: a token planted before signing in is not taken over', async () => {
		const planted = await signIn(server);
		const { body } = await login({ username: 'admin', password: 'admin' }, { cookie: `access_token=${planted.token}` });
		const sid = (token: string) => (JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { sid: string }).sid;
		expect(sid(body.token)).not.toBe(sid(planted.token));
	});

	it('a token whose user was swapped is refused', async () => {
		const [header, payload, signature] = admin.token.split('.');
		const swapped = Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(payload!, 'base64url').toString()), sub: 'somebody' })).toString('base64url');
		expect((await get('/api/conversations', bearer([header, swapped, signature].join('.')))).status).toBe(401);
	});
});

describe('the end of a session', () => {
	it('logging out ends it at once, as Bearer and as cookie, and no other', async () => {
		const [one, other] = [await signIn(server), await signIn(server)];
		expect((await call(server, 'POST', '/api/auth/logout', undefined, bearer(one.token))).status).toBe(204);
		for (const headers of [bearer(one.token), cookie(one.token)]) expect((await get('/api/conversations', headers)).status).toBe(401);
		expect((await get('/api/conversations', bearer(other.token))).status).toBe(200);
	});

	it('a restart does not', async () => {
		const first = await startServer(unlimited);
		const { token } = await signIn(first);
		await first.stop({ keepData: true });
		const second = await startServer({ ...unlimited, DATA_DIR: first.dataDir });
		try {
			expect((await call(second, 'GET', '/api/conversations', undefined, bearer(token))).status).toBe(200);
		} finally {
			await second.stop();
		}
	});

	it('a password change ends all of them and brings a new one', async () => {
		const admin = trpcClient(server, await signIn(server));
		await admin.users.create.mutate({ username: 'changing', password: 'the first password', role: 'user' });
		const [here, elsewhere] = [await signIn(server, 'changing', 'the first password'), await signIn(server, 'changing', 'the first password')];
		const { key } = await trpcClient(server, here).keys.create.mutate({ name: 'program' });
		await expect(trpcClient(server, here).auth.changePassword.mutate({ currentPassword: 'wrong', newPassword: 'the second password' })).rejects.toMatchObject({ data: { errors: ['The current password is wrong'] } });
		const { token } = await trpcClient(server, here).auth.changePassword.mutate({ currentPassword: 'the first password', newPassword: 'the second password' });
		for (const old of [here, elsewhere]) expect((await get('/api/conversations', bearer(old.token))).status).toBe(401);
		for (const good of [token, key]) expect((await get('/api/conversations', bearer(good))).status).toBe(200);
		expect((await login({ username: 'changing', password: 'the first password' })).status).toBe(401);
		expect((await login({ username: 'changing', password: 'the second password' })).status).toBe(200);
	});

	it("one's own sessions are listed, and each can be ended", async () => {
		const [here, elsewhere] = [await signIn(server), await signIn(server)];
		const client = trpcClient(server, here);
		const listed = await client.auth.sessions.query();
		expect(listed.filter((session) => session.current)).toHaveLength(1);
		const [newest] = listed;
		expect(newest!.ip).toBe('127.0.0.1');
		await client.auth.revokeSession.mutate({ id: newest!.current ? listed[1]!.id : newest!.id });
		expect([(await get('/api/conversations', bearer(here.token))).status, (await get('/api/conversations', bearer(elsewhere.token))).status]).toEqual([200, 401]);
	});
});

describe('API keys', () => {
	it('are taken wherever a token is, with the rights of their user, until they are revoked', async () => {
		const admin = trpcClient(server, await signIn(server));
		await admin.users.create.mutate({ username: 'programmer', password: 'a long password', role: 'user' });
		const me = trpcClient(server, await signIn(server, 'programmer', 'a long password'));
		const { id, name, key } = await me.keys.create.mutate({ name: 'laptop' });
		expect([name, key.slice(0, 3)]).toEqual(['laptop', 'lr_']);
		expect((await get('/api/models', bearer(key))).status).toBe(200);
		expect((await get('/v1/models', bearer(key))).status).toBe(200);
		expect((await get('/v1/models', { 'x-api-key': key })).status).toBe(200);
		expect((await get('/api/conversations', { 'x-api-key': key })).status).toBe(401);
		expect((await get('/api/conversations', cookie(key))).status).toBe(401);
		expect(await trpcClient(server, { token: key }).auth.me.query()).toMatchObject({ username: 'programmer', role: 'user' });
		await expect(trpcClient(server, { token: key }).users.list.query()).rejects.toMatchObject({ data: { httpStatus: 403 } });
		expect((await me.keys.list.query())[0]).toMatchObject({ id, name: 'laptop', lastUsedAt: expect.any(Date) });
		await expect(admin.keys.revoke.mutate({ id })).rejects.toMatchObject({ data: { httpStatus: 404 } }); // another's key
		await me.keys.revoke.mutate({ id });
		expect((await get('/api/models', bearer(key))).status).toBe(401);
	});
});

describe('what is written down', () => {
	it('sign-ins, failures and changes are in the audit trail, and no secret is in it or in the log', async () => {
		const admin = trpcClient(server, await signIn(server));
		await admin.users.create.mutate({ username: 'audited', password: 'very-secret-password', role: 'user' });
		await call(server, 'POST', '/api/auth/login', { username: 'audited', password: 'wrong-secret-password' }, json);
		const { token } = await signIn(server, 'audited', 'very-secret-password');
		const { key } = await trpcClient(server, { token }).keys.create.mutate({ name: 'audited key' });
		await expect(trpcClient(server, { token }).users.list.query()).rejects.toMatchObject({ data: { httpStatus: 403 } });
		await expect(trpcClient(server, { token }).users.remove.mutate({ id: 'x' })).rejects.toMatchObject({ data: { httpStatus: 403 } });
		const { entries } = await admin.audit.list.query({ limit: 6 });
		expect(entries.map(({ username, action, outcome, target }) => [username, action, outcome, target])).toEqual([
			['audited', 'users.remove', 'refused', 'x'],
			['audited', 'keys.create', 'ok', 'audited key'],
			['audited', 'auth.login', 'ok', ''],
			['audited', 'auth.login', 'refused', ''],
			['admin', 'users.create', 'ok', 'audited'],
			['admin', 'auth.login', 'ok', '']
		]);
		for (const secret of ['very-secret-password', 'wrong-secret-password', token, key]) {
			expect(JSON.stringify(entries)).not.toContain(secret);
			expect(server.output()).not.toContain(secret);
		}
		await expect(trpcClient(server, { token }).audit.list.query()).rejects.toMatchObject({ data: { httpStatus: 403 } });
	});
});

describe('the first administrator', () => {
	it('without a password the server does not start where others reach it, and says what to set', async () => {
		await expect(startServer({ HOST: '0.0.0.0' })).rejects.toThrow(/default password.*ADMIN_PASSWORD/);
		await expect(startServer({ HOST: '0.0.0.0', ADMIN_PASSWORD: '' })).rejects.toThrow(/ADMIN_PASSWORD/);
	});

	it('with one it starts there, and everything under /api wants a user', async () => {
		const exposed = await startServer({ HOST: '0.0.0.0', ADMIN_USERNAME: 'root', ADMIN_PASSWORD: 'set by hand' });
		try {
			expect(exposed.output()).toContain('API access is authenticated');
			expect(exposed.output()).not.toContain('UNSAFE');
			for (const path of ['/api/models', '/api/config', '/api/parameters', '/api/nothing', '/api/auth/nothing']) expect([path, (await call(exposed, 'GET', path)).status]).toEqual([path, 401]);
			expect((await call(exposed, 'GET', '/api/models', undefined, { host: 'any.example' })).status).toBe(401);
			const { fetch } = await signIn(exposed, 'root', 'set by hand');
			expect((await fetch('/api/config')).status).toBe(200);
			expect((await fetch('/api/nothing')).status).toBe(404);
		} finally {
			await exposed.stop();
		}
	});

	it('with the default password the log says so, until it is changed', async () => {
		const first = await startServer(unlimited);
		expect(first.output()).toContain('UNSAFE: the administrator has the default password');
		const admin = trpcClient(first, await signIn(first));
		expect(await admin.auth.access.query()).toMatchObject({ access: 'open', address: '127.0.0.1', warnings: ['defaultPassword'] });
		await admin.auth.changePassword.mutate({ currentPassword: 'admin', newPassword: 'one of my own' });
		await first.stop({ keepData: true });
		const second = await startServer({ ...unlimited, DATA_DIR: first.dataDir, HOST: '0.0.0.0' });
		expect(second.output()).not.toContain('UNSAFE');
		await second.stop();
	});

	it('API_ACCESS=open on the network is said to be unsafe', async () => {
		const wide = await startServer({ HOST: '0.0.0.0', ADMIN_PASSWORD: 'set by hand', API_ACCESS: 'open' });
		expect(wide.output()).toMatch(/UNSAFE: API_ACCESS=open/);
		expect((await call(wide, 'GET', '/api/config')).status).toBe(200);
		await wide.stop();
	});
});
