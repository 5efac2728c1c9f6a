import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { readMetrics } from './metrics.ts';
import { startServer } from './start-server.ts';

export type LiveReport = {
	clients: number;
	seconds: number;
	/** status frames that each client got, from the one with the fewest to the one with the most */
	frames: { least: number; most: number; expected: number };
	/** percent of one core that the server used meanwhile, and idle before */
	cpu: { serving: number; idle: number };
	/** resident MiB of the server: before any client came, and at the end */
	memory: { before: number; after: number };
	/** seconds after which a client that had stopped to read was gone; null: it never was */
	stalledGoneAfter: number | null;
};

const intervalSeconds = 2;
const mib = 2 ** 20;

/** Connects, some at a time, and counts status frames into `counts`. */
async function connectAll(url: string, clients: number, counts: number[]): Promise<WebSocket[]> {
	const sockets: WebSocket[] = [];
	const connect = async (index: number) => {
		const socket = new WebSocket(url);
		sockets.push(socket);
		socket.on('message', (data: Buffer) => {
			if (data.subarray(0, 16).toString() === '{"type":"status"') counts[index]! += 1;
		});
		await once(socket, 'open');
	};
	for (let done = 0; done < clients; done += 50) await Promise.all(Array.from({ length: Math.min(50, clients - done) }, (_, i) => connect(done + i)));
	return sockets;
}

/** So many clients of `/api/websocket` for so long, and one that stops reading at their beginning. */
export async function watchLiveClients(clients: number, seconds: number): Promise<LiveReport> {
	const server = await startServer({ RATE_LIMIT_IP: '0' });
	const url = `${server.url.replace(/^http/, 'ws')}/api/websocket`;
	const reading = async () => {
		const metrics = await readMetrics(server);
		return { cpu: metrics('process_cpu_seconds_total'), memory: metrics('process_resident_memory_bytes') / mib, sockets: metrics('websocket_connections') };
	};
	const counts = Array<number>(clients).fill(0);
	let sockets: WebSocket[] = [];
	try {
		const idleFrom = await reading();
		await sleep(intervalSeconds * 1000);
		const idleTo = await reading();
		sockets = await connectAll(url, clients, counts);
		const stalled = new WebSocket(url);
		sockets.push(stalled);
		await once(stalled, 'open');
		stalled.pause();
		const stalledAt = performance.now();
		let stalledGoneAfter: number | null = null;
		const watching = (async () => {
			while (performance.now() - stalledAt < 40_000 && stalledGoneAfter === null) {
				await sleep(500);
				if ((await reading()).sockets === clients) stalledGoneAfter = (performance.now() - stalledAt) / 1000;
			}
		})();

		// From the middle between two ticks to the middle between two others: each client must have each frame between.
		const before = counts[0]!;
		while (counts[0] === before) await sleep(10);
		await sleep((intervalSeconds * 1000) / 2);
		const from = await reading();
		counts.fill(0);
		await sleep(seconds * 1000);
		const got = [...counts];
		const to = await reading();
		await watching;
		return {
			clients,
			seconds,
			frames: { least: Math.min(...got), most: Math.max(...got), expected: Math.floor(seconds / intervalSeconds) },
			cpu: { serving: ((to.cpu - from.cpu) / seconds) * 100, idle: ((idleTo.cpu - idleFrom.cpu) / intervalSeconds) * 100 },
			memory: { before: idleTo.memory, after: (await reading()).memory },
			stalledGoneAfter
		};
	} finally {
		for (const socket of sockets) socket.terminate();
		await server.stop();
	}
}
