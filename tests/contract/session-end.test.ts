import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startChatServer, type ChatServer } from '../support/chat-server.ts';
import { signIn } from '../support/sign-in.ts';
import { trpcClient, trpcSocket } from '../support/trpc-client.ts';

let server: ChatServer;
beforeAll(async () => {
	server = await startChatServer();
});
afterAll(() => server.stop());

const endless = { model: 'endless', messages: [{ role: 'user', content: 'hello' }], max_tokens: 20_000 };
const admin = () => trpcClient(server, server.admin);

/** Everything that ends what a user has open, by a user of its own each time. */
const ends: [string, (user: { id: string; token: string; keyId: string }, credential: 'session' | 'key') => Promise<unknown>][] = [
	['signing out', (user, credential) => (credential === 'session' ? trpcClient(server, user).auth.logout.mutate() : trpcClient(server, user).keys.revoke.mutate({ id: user.keyId }))],
	['a change of role', ({ id }) => admin().users.update.mutate({ id, role: 'admin' })],
	['a new password', ({ id }) => admin().users.update.mutate({ id, password: 'another password' })],
	['a ban', ({ id }) => admin().users.update.mutate({ id, disabled: true })],
	['removal', ({ id }) => admin().users.remove.mutate({ id })]
];

let made = 0;
async function newUser() {
	const { token, cookie, user } = await server.user(`user-${made++}`);
	const { id: keyId, key } = await trpcClient(server, { token }).keys.create.mutate({ name: 'program' });
	return { id: user.id, username: user.username, token, cookie, keyId, key };
}

/** A masked text frame of less than 126 bytes, as a browser sends it. */
const textFrame = (text: string) => Buffer.concat([Buffer.from([0x81, 0x80 | Buffer.byteLength(text), 0, 0, 0, 0]), Buffer.from(text)]);

/** Reads a streamed answer: resolves once its first words have come, then with what ends it. */
async function openStream(credential: string) {
	const response = await server.post('/api/chat', endless, { token: credential });
	expect(response.status).toBe(200);
	const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
	for (let text = ''; !text.includes('"content"'); ) text += (await reader.read()).value ?? '';
	const rest = (async () => {
		for (;;) if ((await reader.read()).done) return 'ended';
	})();
	return { ended: rest };
}

describe('what is open under a session or key closes when it ends', () => {
	it.each(ends)('by %s', async (_what, end) => {
		const user = await newUser();
		const byCookie = trpcSocket(server, { headers: { cookie: user.cookie } });
		const byToken = trpcSocket(server, { token: user.token });
		expect((await byCookie.client.auth.me.query()).id).toBe(user.id);
		expect((await byToken.client.auth.me.query()).id).toBe(user.id);
		const chat = new WebSocket(`${server.url.replace('http', 'ws')}/api/chat`, { headers: { authorization: `Bearer ${user.token}` } });
		await new Promise((resolve) => chat.once('open', resolve));
		const chatClosed = new Promise<number>((resolve) => chat.once('close', resolve));
		const stream = await openStream(user.token);
		await end(user, 'session');
		expect(await Promise.all([byCookie.closed, byToken.closed, chatClosed, stream.ended])).toEqual([4401, 4401, 4401, 'ended']);
		await Promise.all([byCookie.close(), byToken.close()]);
	});

	it.each(ends)('under a key too, by %s', async (_what, end) => {
		const user = await newUser();
		const socket = trpcSocket(server, { token: user.key });
		expect((await socket.client.auth.me.query()).id).toBe(user.id);
		const stream = await openStream(user.key);
		await end(user, 'key');
		expect(await Promise.all([socket.closed, stream.ended])).toEqual([4401, 'ended']);
		await socket.close();
	});

	it("and nobody else's does", async () => {
		const [leaving, staying] = [await newUser(), await newUser()];
		const socket = trpcSocket(server, { token: staying.token });
		let closed = false;
		void socket.closed.then(() => (closed = true));
		expect((await socket.client.auth.me.query()).id).toBe(staying.id);
		await trpcClient(server, leaving).auth.logout.mutate();
		expect((await socket.client.auth.me.query()).id).toBe(staying.id);
		expect(closed).toBe(false);
		await socket.close();
	});

	it('a client that does not close its side is not listened to any more, and cut off', async () => {
		const user = await newUser();
		const socket = connect(server.port, '127.0.0.1');
		const received: Buffer[] = [];
		const cutOff = new Promise((resolve) => socket.once('close', resolve));
		socket.on('data', (chunk) => received.push(chunk)).on('error', () => undefined);
		const makeKey = (name: string) => socket.write(textFrame(JSON.stringify({ id: 1, method: 'mutation', params: { path: 'keys.create', input: { json: { name } } } })));
		const text = () => Buffer.concat(received).toString('latin1');
		socket.write(`GET /trpc HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nCookie: ${user.cookie}\r\n\r\n`);
		await expect.poll(text).toContain('101 Switching Protocols');
		makeKey('in time');
		await expect.poll(text).toContain('"name":"in time"');
		await trpcClient(server, user).auth.logout.mutate();
		await expect.poll(text).toContain('The session has ended');
		makeKey('too late');
		await cutOff;
		const keys = await trpcClient(server, await signIn(server, user.username, 'a good password')).keys.list.query();
		expect(keys.map((key) => key.name).sort()).toEqual(['in time', 'program']);
	});

	it('a token in the connection that is no good is refused in every call, also where the API is open', async () => {
		const socket = trpcSocket(server, { token: 'nonsense' });
		const refused = { data: { appCode: 'UNAUTHORIZED', httpStatus: 401 } };
		await expect(socket.client.auth.me.query()).rejects.toMatchObject(refused);
		await expect(socket.client.models.list.query()).rejects.toMatchObject(refused);
		expect((await socket.client.health.live.query()).status).toBe('Healthy');
		await socket.close();
	});
});
