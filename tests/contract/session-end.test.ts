import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startChatServer, type ChatServer } from '../support/chat-server.ts';
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
	return { id: user.id, token, cookie, keyId, key };
}

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

	it('a token in the connection that is no good is refused, and the socket closed', async () => {
		const socket = trpcSocket(server, { token: 'nonsense' });
		expect(await socket.closed).toBe(1005);
		await socket.close();
	});
});
