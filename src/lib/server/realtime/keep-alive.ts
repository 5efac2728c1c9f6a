import type { WebSocket } from 'ws';

/** Milliseconds between two pings, and until the answer must be there: together under the 30 s after which a dead reader is gone. */
const times = { ping: 25_000, pong: 3_000 };
/** Bytes that may wait for a slow reader. */
const backlogBytes = 8 * 2 ** 20;

/**
 * Keeps proxies from closing a silent socket, and ends one whose other side has vanished or no longer reads: small messages
 * disappear in the system's buffers for hours, so only an answer shows that somebody reads.
 */
export function keepAlive(socket: WebSocket): void {
	let deadline: NodeJS.Timeout | undefined;
	const timer = setInterval(() => {
		socket.ping();
		deadline = setTimeout(() => socket.terminate(), times.pong);
	}, times.ping);
	socket.on('pong', () => clearTimeout(deadline));
	socket.on('close', () => {
		clearInterval(timer);
		clearTimeout(deadline);
	});
}

/** Ends a socket whose reader is so slow that what waits for it would grow without bound; senders need not look. */
export function boundBacklog(socket: WebSocket): void {
	const send = socket.send.bind(socket) as (...args: unknown[]) => void;
	socket.send = (...args: unknown[]) => {
		if (socket.bufferedAmount > backlogBytes) socket.terminate();
		send(...args);
	};
}
