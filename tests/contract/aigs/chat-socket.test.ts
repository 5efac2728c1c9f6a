import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { chunksOf, openChatSocket, textOf, type ChatSocket } from '../../support/chat-frames.ts';
import { sentence, startChatServer, type ChatServer } from '../../support/chat-server.ts';
import { untilMetrics } from '../../support/metrics.ts';

const ask = { model: 'scripted', messages: [{ role: 'user', content: 'Hello, how are you?' }], temperature: 0 };
const long = { model: 'endless', messages: [{ role: 'user', content: 'Go on.' }], max_tokens: 30_000 };

let server: ChatServer;
const open: ChatSocket[] = [];
/** A socket without any request, from the file's start on: resolves with the code of its close and the milliseconds until then. */
let idle: Promise<[code: number, afterMs: number]>;
beforeAll(async () => {
	server = await startChatServer({}, { contextLength: 32_768 });
	const { socket } = await openChatSocket(server.url, { authorization: `Bearer ${server.admin.token}` });
	const since = performance.now();
	idle = once(socket, 'close').then(([code]) => [code as number, performance.now() - since]);
});
afterEach(() => open.splice(0).forEach(({ socket }) => socket.terminate()));
afterAll(() => server.stop());

async function connect(headers: Record<string, string> = { authorization: `Bearer ${server.admin.token}` }): Promise<ChatSocket> {
	const chat = await openChatSocket(server.url, headers);
	open.push(chat);
	return chat;
}

async function refusal(headers: Record<string, string>): Promise<number> {
	const socket = new WebSocket(`${server.url.replace('http', 'ws')}/api/chat`, { headers });
	socket.on('error', () => undefined);
	const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }];
	return response.statusCode;
}

describe('a chat over WebSocket', () => {
	it.each(['Bearer', 'cookie'])('is answered by the chunks of the stream, the first with the conversation, and a literal [DONE] (%s)', async (how) => {
		const chat = await connect(how === 'Bearer' ? undefined : { cookie: server.admin.cookie });
		chat.send({ ...ask, stream: true });
		const frames = await chat.answer();
		const chunks = chunksOf(frames);
		expect(frames.at(-1)).toBe('[DONE]');
		expect(textOf(chunks)).toBe(sentence);
		expect(chunks.map((chunk) => 'conversationId' in chunk)).toEqual(chunks.map((_, index) => index === 0));
		expect(chunks[0]!.choices[0]!.delta.role).toBe('assistant');
		const detail = await server.get<{ messages: { content: string }[] }>(`/api/conversations/${chunks[0]!.conversationId}`);
		expect(detail.messages.map(({ content }) => content)).toEqual(['Hello, how are you?', sentence]);
	});

	it('takes one request after the other, also in the conversation it began', async () => {
		const chat = await connect();
		chat.send(ask);
		const { conversationId } = chunksOf(await chat.answer())[0]!;
		chat.send({ ...ask, conversationId });
		expect(chunksOf(await chat.answer())[0]!.conversationId).toBe(conversationId);
		expect((await server.get<{ messages: unknown[] }>(`/api/conversations/${conversationId}`)).messages).toHaveLength(4);
	});

	it('tells usage when asked, and no conversation when nothing is kept', async () => {
		const chat = await connect();
		chat.send({ ...ask, store: false, stream_options: { include_usage: true } });
		const chunks = chunksOf(await chat.answer());
		expect(chunks[0]!.conversationId).toBeNull();
		expect(chunks.at(-1)!.usage!.completion_tokens).toBeGreaterThan(0);
	});

	it.each([
		['no JSON', 'hello', 'MALFORMED_BODY', 400],
		['a request without messages', { model: 'scripted' }, 'VALIDATION_ERROR', 400],
		['an array', [], 'VALIDATION_ERROR', 400],
		['null', 'null', 'VALIDATION_ERROR', 400],
		['an unknown model', { ...ask, model: 'nobody' }, 'MODEL_NOT_FOUND', 404],
		['another’s conversation', { ...ask, conversationId: 'not mine' }, 'CONVERSATION_NOT_FOUND', 404],
		['a prompt that is too long', { ...ask, model: 'scripted', messages: [{ role: 'user', content: 'word '.repeat(40_000) }] }, 'CONTEXT_LENGTH_EXCEEDED', 400]
	])('%s is one error frame, then [DONE], and the socket goes on', async (_what, request, code, status) => {
		const chat = await connect();
		chat.send(request);
		const frames = await chat.answer();
		expect(frames).toHaveLength(2);
		expect(JSON.parse(frames[0]!)).toEqual({ error: { message: expect.any(String), code, details: expect.any(String), status } });
		chat.send(ask);
		expect(textOf(chunksOf(await chat.answer()))).toBe(sentence);
	});

	it('a binary frame is no request', async () => {
		const chat = await connect();
		chat.socket.send(Buffer.from(JSON.stringify(ask)));
		expect(JSON.parse((await chat.answer())[0]!)).toMatchObject({ error: { code: 'MALFORMED_BODY' } });
	});

	it('answers one request at a time: another one meanwhile is refused and disturbs nothing', async () => {
		const chat = await connect();
		chat.send({ ...ask, model: 'endless', max_tokens: 200 });
		const first = await chat.next();
		chat.send(ask);
		const frames = [first, ...(await chat.answer())];
		const errors = frames.filter((frame) => frame.includes('"error"'));
		expect(errors.map((frame) => JSON.parse(frame) as unknown)).toEqual([{ error: expect.objectContaining({ code: 'TOO_MANY_STREAMS', status: 429 }) }]);
		const chunks = chunksOf(frames.filter((frame) => !frame.includes('"error"')));
		expect(new Set(chunks.map((chunk) => chunk.id)).size).toBe(1);
		expect(chunks.at(-1)!.choices[0]!.finish_reason).toBe('length');
	});

	it('is closed with 1009 by a message of more than 10 MiB', async () => {
		const chat = await connect();
		const closed = once(chat.socket, 'close');
		chat.socket.send('x'.repeat(10 * 1024 * 1024 + 1));
		expect((await closed)[0]).toBe(1009);
	});

});

describe('the upgrade', () => {
	it('needs credentials: 401', async () => expect(await refusal({})).toBe(401));
	it('takes no bad Bearer beside a good cookie: 401', async () => expect(await refusal({ cookie: server.admin.cookie, authorization: 'Bearer nonsense' })).toBe(401));
	it('with a cookie takes no foreign Origin: 403', async () => expect(await refusal({ cookie: server.admin.cookie, origin: 'https://evil.example' })).toBe(403));
});

it('each request counts against the rate limit', async () => {
	const own = await startChatServer({ RATE_LIMIT_USER: '8' });
	try {
		const chat = await openChatSocket(own.url, { authorization: `Bearer ${own.admin.token}` });
		const codes: unknown[] = [];
		for (let i = 0; i < 9; i++) {
			chat.send({ ...ask, model: 'nobody' });
			codes.push((JSON.parse((await chat.answer())[0]!) as { error: { code: string } }).error.code);
		}
		expect(codes.at(0)).toBe('MODEL_NOT_FOUND');
		expect(codes.at(-1)).toBe('RATE_LIMITED');
		chat.socket.terminate();
	} finally {
		await own.stop();
	}
});

it('a server that stops says so and closes with 1001', async () => {
	const own = await startChatServer();
	try {
		const chat = await openChatSocket(own.url, { authorization: `Bearer ${own.admin.token}` });
		chat.send(long);
		await chat.next();
		const closed = once(chat.socket, 'close');
		const stopping = own.stop();
		const frames = await chat.answer();
		expect(JSON.parse(frames.at(-2)!)).toMatchObject({ error: { code: 'QUEUE_FULL', status: 503 } });
		expect((await closed)[0]).toBe(1001);
		await stopping;
	} finally {
		await own.stop();
	}
});

it('a session that ends closes its sockets, and their answers end', async () => {
	const user = await server.user('leaver');
	const chat = await connect({ authorization: `Bearer ${user.token}` });
	chat.send(long);
	await chat.next();
	const closed = once(chat.socket, 'close');
	await user.fetch('/api/auth/logout', { method: 'POST' });
	expect((await closed)[0]).toBe(4401);
	await untilMetrics(server, (value) => value('slots_busy') === 0 && value('websocket_connections') <= 1); // the idle one
});

it('a socket without a request is closed with 1000 after 30 s', async () => {
	const [code, afterMs] = await idle;
	expect(code).toBe(1000);
	expect(afterMs).toBeGreaterThan(29_000);
}, 40_000);
