import type { WebSocket } from 'ws';
import type { MonitoringNow } from '../../contract/rest/monitoring.ts';
import { events } from '../events.ts';
import { logRing } from '../logs/logger.ts';
import { singleton } from '../singleton.ts';
import type { SocketHandler } from './upgrade.ts';

/** Log entries that a new client gets, and milliseconds over which later ones are gathered. */
const firstEntries = 100;
const gatherMs = 250;

type Client = {
	socket: WebSocket;
	/** whose log entries it gets; undefined = everybody's */
	username: string | undefined;
	/** the last log entry it has got */
	logId: number;
	/** what came before its first frames were sent */
	held: Buffer[] | undefined;
};

export type BroadcastSources = {
	/** the newest figures */
	status: () => Promise<MonitoringNow>;
	/** calls back with the seconds between two status frames, now and when they change; returns what ends it */
	followInterval: (apply: (seconds: number) => void) => () => void;
};

const clients = singleton('broadcast clients', () => new Set<Client>());
const holder = singleton('broadcast', () => ({ status: undefined as BroadcastSources['status'] | undefined, stop: [] as (() => void)[] }));

/** One of document A's frames, as bytes: made once, however many get it. */
const frame = (type: 'status' | 'logs' | 'error', data: unknown) => Buffer.from(JSON.stringify({ type, data }));

async function statusFrame(): Promise<Buffer> {
	const { cpu, memory, activeModels, totalRequests } = await holder.status!();
	return frame('status', { cpuUsage: cpu, memoryUsage: memory, activeModels, totalRequests });
}

/** Entries after an id that may be seen, in document A's four members. */
const entriesAfter = (id: number, username: string | undefined) =>
	logRing.after(id).flatMap(({ row: { level, message, timestamp, source, data } }) => (username === undefined || data?.user === username ? [{ level, message, timestamp, source }] : []));

function send({ socket, held }: Client, data: Buffer): void {
	if (held) held.push(data);
	else if (socket.readyState === socket.OPEN) socket.send(data, { binary: false });
}

/** One frame for all who stand at the same entry and may see the same, which nearly all do. */
function sendLogs(): void {
	const made = new Map<string, Buffer | null>();
	const { lastId } = logRing;
	for (const client of clients) {
		const key = `${client.logId} ${client.username ?? ''}`;
		let data = made.get(key);
		if (data === undefined) {
			const entries = entriesAfter(client.logId, client.username);
			made.set(key, (data = entries.length ? frame('logs', entries) : null));
		}
		client.logId = lastId;
		if (data) send(client, data);
	}
}

async function sendStatus(): Promise<void> {
	if (clients.size === 0) return;
	const data = await statusFrame();
	for (const client of clients) send(client, data);
}

/** Starts telling everybody who listens on `/api/websocket`. */
export function openBroadcast({ status, followInterval }: BroadcastSources): void {
	holder.status = status;
	let ticking: NodeJS.Timeout | undefined;
	let gathering: NodeJS.Timeout | undefined;
	const stopFollowing = followInterval((seconds) => {
		clearInterval(ticking);
		ticking = setInterval(() => void sendStatus(), seconds * 1000);
	});
	holder.stop = [
		stopFollowing,
		() => clearInterval(ticking),
		() => clearTimeout(gathering),
		events.on('log:line', () => {
			if (clients.size === 0 || gathering) return;
			gathering = setTimeout(() => {
				gathering = undefined;
				sendLogs();
			}, gatherMs);
		}),
		events.on('server:error', (error) => {
			const data = frame('error', error);
			for (const client of clients) send(client, data);
		})
	];
}

export function closeBroadcast(): void {
	for (const stop of holder.stop.splice(0)) stop();
}

/**
 * `/api/websocket`: the figures and the last log entries at once, then figures every few seconds, entries and errors as they
 * come. What the client sends is ignored. Where the API is closed, entries of others are an administrator's to see.
 */
export const broadcastSocket: SocketHandler = async (socket, _request, { identity, open }) => {
	const username = open || identity?.role === 'admin' ? undefined : (identity?.username ?? '');
	const held: Buffer[] = [];
	const client: Client = { socket, username, logId: logRing.lastId, held };
	const logs = frame('logs', entriesAfter(logRing.lastId - firstEntries, username));
	clients.add(client);
	socket.on('close', () => clients.delete(client));
	const status = await statusFrame();
	client.held = undefined;
	for (const data of [status, logs, ...held]) send(client, data);
};
