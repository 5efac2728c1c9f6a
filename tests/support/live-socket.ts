import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { WebSocket } from 'ws';

// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type LiveFrame = { type: 'status' | 'logs' | 'error'; data: any };

export type LiveSocket = {
	socket: WebSocket;
	/** everything that has come so far */
	frames: LiveFrame[];
	/** the first frame that is as wanted, of those there are or that come */
	until: (wanted: (frame: LiveFrame) => boolean) => Promise<LiveFrame>;
	/** resolves with the code of the close */
	closed: Promise<number>;
};

const urlOf = (server: { url: string }) => `${server.url.replace(/^http/, 'ws')}/api/websocket`;

/** A client of `/api/websocket`. */
export async function openLive(server: { url: string }, headers: Record<string, string> = {}): Promise<LiveSocket> {
	const socket = new WebSocket(urlOf(server), { headers });
	const frames: LiveFrame[] = [];
	let tell = () => {};
	socket.on('message', (data, isBinary) => {
		if (isBinary) throw new Error('a frame came as binary');
		frames.push(JSON.parse(String(data)) as LiveFrame);
		tell();
	});
	const closed = new Promise<number>((resolve) => socket.on('close', resolve));
	await once(socket, 'open');
	return {
		socket,
		frames,
		closed,
		async until(wanted) {
			for (;;) {
				const found = frames.find(wanted);
				if (found) return found;
				await new Promise<void>((resolve) => (tell = resolve));
			}
		}
	};
}

/** What an upgrade is answered that is refused. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export async function refusedLive(server: { url: string }, headers: Record<string, string> = {}): Promise<{ status: number; headers: IncomingMessage['headers']; body: any }> {
	const socket = new WebSocket(urlOf(server), { headers });
	socket.on('error', () => undefined);
	const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
	return { status: response.statusCode!, headers: response.headers, body: JSON.parse(await text(response)) };
}
