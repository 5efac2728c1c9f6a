import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { boundBacklog } from './keep-alive.ts';

const servers: WebSocketServer[] = [];
afterEach(() => {
	for (const server of servers.splice(0)) {
		for (const socket of server.clients) socket.terminate();
		server.close();
	}
});

/** A socket of the server's side, bounded, and the client at its other end. */
async function pair(): Promise<{ socket: WebSocket; client: WebSocket }> {
	const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
	servers.push(server);
	await once(server, 'listening');
	const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
	const [[socket]] = (await Promise.all([once(server, 'connection'), once(client, 'open')])) as [[WebSocket], unknown];
	boundBacklog(socket);
	return { socket, client };
}
const mib = 2 ** 20;

describe('what waits for a reader', () => {
	it('is bounded: one that stops reading is ended, and no sender hangs on it', async () => {
		const { socket, client } = await pair();
		client.on('error', () => undefined);
		client.pause();
		let most = 0;
		let failed = 0;
		for (let sent = 0; socket.readyState === WebSocket.OPEN && sent < 200; sent++) {
			socket.send(Buffer.alloc(mib), (error) => void (failed += Number(error !== undefined && error !== null)));
			most = Math.max(most, socket.bufferedAmount);
			await nextTurn();
		}
		expect(socket.readyState).not.toBe(WebSocket.OPEN);
		expect(most).toBeLessThanOrEqual(10 * mib);
		await expect.poll(() => failed).toBeGreaterThan(0);
		expect(() => socket.send('later')).not.toThrow();
	});

	it('does not trouble one that reads, however much it is', async () => {
		const { socket, client } = await pair();
		let got = 0;
		client.on('message', (data: Buffer) => (got += data.length));
		for (let sent = 0; sent < 64; sent++) await new Promise((resolve) => socket.send(Buffer.alloc(mib), resolve));
		await expect.poll(() => got).toBe(64 * mib);
		expect(socket.readyState).toBe(WebSocket.OPEN);
	});
});
