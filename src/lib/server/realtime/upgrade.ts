import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket, WebSocketServer } from 'ws';
import { problemOf } from '../../contract/errors.ts';
import type { Identity } from '../auth/identity.ts';
import { watchSession } from '../auth/session-watch.ts';
import type { PeerFacts } from '../bridge.ts';
import { AppError } from '../errors.ts';
import { events } from '../events.ts';
import { tellAccess } from '../http/access-log.ts';
import { shownErrorOf } from '../http/problem.ts';
import type { Context } from '../trpc/context.ts';
import { boundBacklog, keepAlive } from './keep-alive.ts';

/** Serves one upgraded socket. The context's signal fires when the socket closes, the session ends or the server stops. */
export type SocketHandler = (socket: WebSocket, request: IncomingMessage, context: Context) => void;

/** Close code for a session that ended: sign in again. Applications may use 4000 and up. */
const sessionEnded = 4401;
/** Milliseconds that the other side has to say goodbye. */
const goodbyeMs = 1_000;

/** Answers an upgrade with a plain HTTP refusal: Problem Details, then the end. Returns its status. */
export function refuseUpgrade(socket: Duplex, thrown: unknown, requestId: string): number {
	const error = shownErrorOf(thrown, requestId);
	const body = JSON.stringify(problemOf(error.facts, requestId));
	const head = [
		`HTTP/1.1 ${error.status} ${problemOf(error.facts, requestId).title}`,
		'Content-Type: application/problem+json',
		`Content-Length: ${Buffer.byteLength(body)}`,
		`X-Request-Id: ${requestId}`,
		'Connection: close',
		...(error.status === 401 ? ['WWW-Authenticate: Bearer'] : []),
		...Object.entries(error.headers).map(([name, value]) => `${name}: ${value}`)
	];
	socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
	return error.status;
}

/** Judges an upgrade and makes its context; throws to refuse. Upgrades meet no hook of Kit. */
type Admit = (path: string, request: IncomingMessage, requestId: string, peer: PeerFacts) => Promise<Context>;

/** Closes the socket when the session or key behind an identity ends; the signal fires then. */
export function endWithSession(socket: WebSocket, identity: Identity): AbortSignal {
	const { ended, release } = watchSession(identity);
	const close = () => {
		socket.removeAllListeners('message'); // until the other side says goodbye too it could go on asking
		socket.close(sessionEnded, 'The session has ended');
		setTimeout(() => socket.terminate(), goodbyeMs).unref();
	};
	ended.addEventListener('abort', close, { once: true });
	socket.once('close', () => {
		ended.removeEventListener('abort', close);
		release();
	});
	return ended;
}

function joinSocket(context: Context, socket: WebSocket): Context {
	const left = new AbortController();
	socket.once('close', () => left.abort());
	return { ...context, signal: AbortSignal.any([context.signal, left.signal, ...(context.identity ? [endWithSession(socket, context.identity)] : [])]) };
}

/** What every socket needs, whatever it is for. */
function tend(socket: WebSocket): void {
	socket.on('error', () => undefined); // the socket closes by itself, with a code that says why; an error that nobody hears would end the server
	boundBacklog(socket);
	keepAlive(socket);
}

/** The one listener for upgrades: path → handler. */
export function upgradeDispatcher(server: WebSocketServer, handlers: Record<string, SocketHandler>, admit: Admit) {
	server.on('wsClientError', (error, socket) => refuseUpgrade(socket, new AppError('VALIDATION_ERROR', `The WebSocket handshake is malformed: ${error.message}`), randomUUID()));
	return async (request: IncomingMessage, socket: Duplex, head: Buffer, peer: PeerFacts): Promise<void> => {
		const requestId = randomUUID();
		const startedAt = performance.now();
		const path = URL.canParse(request.url ?? '', 'http://localhost') ? new URL(request.url ?? '', 'http://localhost').pathname : '';
		const handler = Object.hasOwn(handlers, path) ? handlers[path] : undefined;
		const tell = (status: number, user: string | null) => {
			const durationMs = Math.round((performance.now() - startedAt) * 10) / 10;
			tellAccess({ method: 'GET', endpoint: handler ? path : 'unknown', path, status, durationMs, ip: peer.ip, requestId, user });
		};
		const broken = () => socket.destroy();
		socket.on('error', broken);
		events.emit('request:started', { path });
		try {
			if (!handler) throw new AppError('NOT_FOUND', `There is no WebSocket at ${path || 'this URL'}`);
			const context = await admit(path, request, requestId, peer);
			server.handleUpgrade(request, socket, head, (upgraded) => {
				socket.off('error', broken);
				tend(upgraded);
				tell(101, context.identity?.username ?? null);
				handler(upgraded, request, joinSocket(context, upgraded));
			});
		} catch (thrown) {
			tell(refuseUpgrade(socket, thrown, requestId), null);
		}
	};
}
