// A month of monitoring samples: how long the history of an hour, a day and a month takes at the REST endpoint. The bound is 20 ms (median:
// on a busy machine single answers wait for others).
import { cpus } from 'node:os';
import { resolve } from 'node:path';
import { startServer } from '../../tests/support/start-server.ts';
import { closeDatabase, database, openDatabase } from '../../src/lib/server/db/index.ts';
import { median, quantile } from './quantile.ts';

const days = 30;
const boundMs = 20;
const windows = [{ hours: 1, what: '1 h' }, { hours: 24, what: '24 h' }, { hours: 240, what: '10 days' }, { hours: 720, what: '30 days' }];

/** What the sampler would have kept of the last days: rows of 30 s, and rolled up to 5 min and 1 h, with its series. */
function fill(file: string): number {
	openDatabase(file, resolve(import.meta.dirname, '../../drizzle'));
	const insert = database().$client.prepare('INSERT INTO samples (seconds, at, cpu, memory, requests, active_models, extra) VALUES (?, ?, ?, ?, ?, ?, ?)');
	const now = Date.now();
	let rows = 0;
	database().transaction(() => {
		for (const seconds of [30, 300, 3600]) {
			const step = seconds * 1000;
			for (let at = Math.floor((now - days * 86_400_000) / step) * step; at < now; at += step, rows++) {
				const wave = (period: number) => 50 + 40 * Math.sin(at / period);
				const extra = { covered: seconds, responseMs: wave(1e7), firstTokenMs: wave(2e7), tokensPerSecond: wave(3e7), queued: 0, slots: 4, slotsBusy: 2, kv: wave(4e7), webSockets: 3, serverBytes: 1e8, memoryBytes: 4e9, 'disk.data': 40, 'model.qwen.memoryBytes': 3e9, 'model.qwen.slotsBusy': 2, 'model.qwen.tokensPerSecond': 30 };
				insert.run(seconds, at, wave(1e7), wave(5e7), seconds * 2, 1, JSON.stringify(extra));
			}
		}
	});
	closeDatabase();
	return rows;
}

// The server makes its database, ends, and finds a month in it.
const first = await startServer();
await first.stop({ keepData: true });
const rows = fill(`${first.dataDir}/llama-runner.sqlite`);
const server = await startServer({ DATA_DIR: first.dataDir, RATE_LIMIT_IP: '0' });

async function timed(path: string): Promise<{ ms: number; body: string }> {
	const startedAt = performance.now();
	const body = await (await fetch(server.url + path)).text();
	return { ms: performance.now() - startedAt, body };
}

try {
	await timed('/api/monitoring');
	console.log(`${cpus().length} × ${cpus()[0]!.model.trim()}, Node ${process.version}, ${rows.toLocaleString('en')} rows\n`);
	console.log('| window | points | first | p50 | p95 |\n|---|---:|---:|---:|---:|');
	for (const { hours, what } of windows) {
		const runs: number[] = [];
		let points = 0;
		for (let i = 0; i < 41; i++) {
			const { ms, body } = await timed(`/api/monitoring/history?hours=${hours}`);
			points = (JSON.parse(body) as { history: unknown[] }).history.length;
			runs.push(ms);
		}
		const [cold, ...warm] = runs;
		const p50 = median(warm);
		console.log(`| ${what} | ${points} | ${cold!.toFixed(1)} ms | ${p50.toFixed(1)} ms | ${quantile(warm, 0.95).toFixed(1)} ms |`);
		if (p50 >= boundMs || points > 2880) process.exitCode = 1;
	}
} finally {
	await server.stop();
}
