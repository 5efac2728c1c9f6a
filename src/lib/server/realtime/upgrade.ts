import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket, WebSocketServer } from 'ws';
import { problemOf } from '../../contract/errors.ts';
import { AppError } from '../errors.ts';
import { shownErrorOf } from '../http/problem.ts';

/** Serves one upgraded socket. */
export type SocketHandler = (socket: WebSocket, request: IncomingMessage, requestId: string) => void;

/** Answers an upgrade with a plain HTTP refusal: Problem Details, then the end. */
export function refuseUpgrade(socket: Duplex, thrown: unknown, requestId: string): void {
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
}

/**
 * The one listener for upgrades: path → handler. Upgrades meet no hook of Kit, so identity, origin and limits are
 * judged by `admit`, which throws to refuse.
 */
export function upgradeDispatcher(server: WebSocketServer, handlers: Record<string, SocketHandler>, admit: (request: IncomingMessage, requestId: string) => Promise<void>) {
	return async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
		const requestId = randomUUID();
		const broken = () => socket.destroy();
		socket.on('error', broken);
		try {
			const path = URL.canParse(request.url ?? '', 'http://localhost') ? new URL(request.url ?? '', 'http://localhost').pathname : '';
			const handler = handlers[path];
			if (!handler) throw new AppError('NOT_FOUND', `There is no WebSocket at ${path || 'this URL'}`);
			await admit(request, requestId);
			server.handleUpgrade(request, socket, head, (upgraded) => {
				socket.off('error', broken);
				handler(upgraded, request, requestId);
			});
		} catch (thrown) {
			refuseUpgrade(socket, thrown, requestId);
		}
	};
}
