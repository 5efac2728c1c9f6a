import { randomUUID } from 'node:crypto';
import type { WebSocket } from 'ws';
import { chunkEncoder } from '../../dialects/openai-chat.ts';
import { AppError } from '../errors.ts';
import { events } from '../events.ts';
import { clientLeft, tellAccess } from '../http/access-log.ts';
import { jsonIn } from '../http/body.ts';
import { answerFrames, followAnswer } from '../http/chat-answer.ts';
import { shownErrorOf } from '../http/problem.ts';
import { assertWithin, spend } from '../ratelimit/windows.ts';
import { createCaller } from '../trpc/caller.ts';
import type { Context } from '../trpc/context.ts';
import type { SocketHandler } from './upgrade.ts';

/** Milliseconds without a request until the socket is closed. */
const idleMs = 30_000;
const idleClose = 1000;
const goingAway = 1001;

/** Resolves when the text has gone out, so that a slow reader is waited for; a socket that has closed takes nothing. */
const send = (socket: WebSocket, text: string): Promise<void> => new Promise((resolve) => socket.send(text, () => resolve()));

const errorFrame = ({ message, code, status, facts }: AppError) => JSON.stringify({ error: { message, code, details: facts.details ?? (facts.errors?.join('; ') || message), status } });

/** One request: its frames, the first with the conversation's id, or its error; the caller sends the end. */
async function answer(socket: WebSocket, context: Context, data: Buffer, isBinary: boolean): Promise<void> {
	const requestId = randomUUID();
	const startedAt = performance.now();
	let status = 200;
	events.emit('request:started', { path: '/api/chat' });
	try {
		const window = context.identity && (await spend('user', context.identity.userId));
		if (window) assertWithin([window]);
		if (isBinary) throw new AppError('MALFORMED_BODY', 'A chat request is a text frame of JSON; this one is binary');
		const body = jsonIn(data) as { stream?: unknown; stream_options?: { include_usage?: boolean } } | null;
		// The socket is the documents' own path: what holds for a request holds here. There is only one way to stream on it.
		const caller = createCaller({ ...context, requestId, transport: 'rest' });
		const followed = await followAnswer(caller, typeof body === 'object' && body !== null && !Array.isArray(body) ? { ...body, stream: true } : body, context.signal);
		let first: object = { conversationId: followed.conversationId };
		for await (const row of answerFrames(followed.rows, chunkEncoder(followed.head, body?.stream_options?.include_usage === true))) {
			if ('error' in row) throw row.error;
			if ('comment' in row) continue;
			for (const frame of row.frames) {
				await send(socket, JSON.stringify({ ...frame, ...first }));
				first = {};
			}
		}
	} catch (thrown) {
		const error = shownErrorOf(thrown, requestId);
		status = socket.readyState === socket.OPEN ? error.status : clientLeft;
		await send(socket, errorFrame(error));
	}
	const durationMs = Math.round((performance.now() - startedAt) * 10) / 10;
	tellAccess({ method: 'WS', endpoint: '/api/chat', path: '/api/chat', status, durationMs, ip: context.ip, requestId, user: context.identity?.username ?? null });
}

/**
 * `/api/chat` over WebSocket: a text frame is a chat request, answered by the frames an SSE stream would have and a
 * last literal `[DONE]`; then the next request may come. One at a time; leaving cancels it.
 */
export const chatSocket: SocketHandler = (socket, _request, context) => {
	let answering = false;
	const armIdle = () => setTimeout(() => socket.close(idleClose, 'No request for 30 seconds'), idleMs);
	let idle = armIdle();
	socket.on('close', () => clearTimeout(idle));
	socket.on('message', async (data, isBinary) => {
		if (answering) return void send(socket, errorFrame(new AppError('TOO_MANY_STREAMS', 'This socket is answering a request; send the next one after its [DONE]')));
		answering = true;
		clearTimeout(idle);
		await answer(socket, context, data as Buffer, isBinary);
		await send(socket, '[DONE]');
		answering = false;
		if (context.signal.aborted) socket.close(goingAway, 'The server is stopping');
		else idle = armIdle();
	});
};
