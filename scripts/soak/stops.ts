/**
 * Stops a server with SIGTERM again and again (argument: how often, 80) while four clients ask it, each over a new connection every 3 to 15 ms.
 * Held: no answer is cut, and of the clients at most one in twenty is reset at a stop. None at all is not to be had: the system ends what it
 * has taken and the server not yet when the port closes.
 */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { startServer } from '../../tests/support/start-server.ts';

const stops = Number(process.argv[2] ?? 80);
const clients = 4;
type End = 'answered' | 'refused' | 'reset' | 'cut';
const tally: Record<End, number> = { answered: 0, refused: 0, reset: 0, cut: 0 };

function ask(port: number): Promise<End> {
	return new Promise((resolve) => {
		let got = '';
		const socket = connect(port, '127.0.0.1', () => socket.write('GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n'));
		socket.on('data', (chunk) => (got += chunk.toString()));
		socket.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code === 'ECONNREFUSED' ? 'refused' : got ? 'cut' : 'reset'));
		socket.on('close', () => resolve(/^HTTP\/1\.1 200 [^]*\r\n\r\n[^]+/.test(got) ? 'answered' : 'cut'));
	});
}

for (let i = 0; i < stops; i++) {
	const server = await startServer({ RATE_LIMIT_IP: '0' });
	let toldAt = Infinity;
	async function client(): Promise<void> {
		for (;;) {
			const end = await ask(server.port);
			if (performance.now() >= toldAt) tally[end]++;
			if (end === 'refused') return;
			await sleep(3 + Math.random() * 12);
		}
	}
	const all = Promise.all(Array.from({ length: clients }, client));
	await sleep(150);
	toldAt = performance.now();
	await server.stop();
	await all;
}

console.log(`| ${clients} clients at ${stops} stops | requests |\n|---|---:|`);
for (const [end, count] of Object.entries(tally)) console.log(`| ${end} | ${count} |`);
process.exitCode = tally.cut > 0 || tally.answered === 0 || tally.reset > (stops * clients) / 20 ? 1 : 0;
