/**
 * How soon a slot is free after its client has gone, in every phase, and how long a running answer waits while a long prompt is
 * read; through the whole program, on the 62M shape. `node scripts/bench/cancel.ts [--rounds 5]`
 *
 * Held: 100 ms after the client's FIN, in the middle of a prompt that plus the chunk being read; a running answer never waits for two
 * chunks of another's prompt. A slot counts as free when the engine has said so. Needs the build.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { untilMetrics } from '../../tests/support/metrics.ts';
import { sizedModel } from '../../tests/support/models.ts';
import { trpcClient } from '../../tests/support/trpc-client.ts';
import { chat } from './chat-client.ts';
import { startOurServer } from './our-server.ts';
import { promptText } from './prompt-text.ts';
import { median } from './quantile.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
const batchSize = 512;
const folder = mkdtempSync(join(tmpdir(), 'llama-runner-bench-'));
const ours = await startOurServer(sizedModel(folder, 'mid'), { slots: 2, contextLength: 8192, threads: availableParallelism(), batchSize });
const client = trpcClient(ours, ours.admin);
const endless = { max_tokens: 7000, ignore_eos: true };

/** A chat that is left when something has come of it, or after a while. Resolves when the FIN has been sent. */
function leave(prompt: string, when: { said: string } | { ms: number }): Promise<void> {
	return new Promise((resolve) => {
		const request = http.request(`${ours.url}/v1/chat/completions`, { method: 'POST', agent: false, headers: { 'content-type': 'application/json', authorization: `Bearer ${ours.key}` } });
		const go = () => {
			request.destroy();
			resolve();
		};
		request.on('error', () => undefined);
		if ('ms' in when) setTimeout(go, when.ms);
		else request.on('response', (response) => response.on('data', (part: Buffer) => part.includes(when.said) && go()).on('error', () => undefined));
		request.end(JSON.stringify({ model: 'model', stream: true, messages: [{ role: 'user', content: prompt }], ...endless }));
	});
}

const quiet = () => untilMetrics(ours, (value) => value('slots_busy') === 0 && value('queue_depth') === 0);
async function timed(what: string, round: () => Promise<number>): Promise<number[]> {
	const times: number[] = [];
	for (let n = 0; n < Number(values.rounds); n++) {
		times.push(await round());
		await quiet();
	}
	rows.push([what, times]);
	return times;
}
const rows: [string, number[]][] = [];

try {
	await chat(ours, { stream: true, prompt: 'Hello', members: { max_tokens: 2 } });
	await timed('queued', async () => {
		const running = [new AbortController(), new AbortController()];
		const others = running.map((controller) => ours.admin.fetch('/v1/chat/completions', { method: 'POST', signal: controller.signal, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ model: 'model', stream: true, messages: [{ role: 'user', content: 'Hello' }], ...endless }) }).then((response) => response.text()).catch(() => undefined));
		await untilMetrics(ours, (value) => value('slots_busy') === 2);
		await leave('Hello', { said: 'queued' });
		const ms = await untilMetrics(ours, (value) => value('queue_depth') === 0);
		for (const controller of running) controller.abort();
		await Promise.all(others);
		return ms;
	});
	await timed('loading', async () => {
		await client.models.unload.mutate({ name: 'model' });
		await leave('Hello', { ms: 150 });
		const ms = await untilMetrics(ours, (value) => value('slots_busy') === 0 && value('queue_depth') === 0 && value('models_loaded') === 0);
		await chat(ours, { stream: true, prompt: 'Hello', members: { max_tokens: 2 } });
		return ms;
	});
	const chunks: number[] = [];
	await timed('in a prompt of 2,000 words', async () => {
		const { firstTokenMs } = await chat(ours, { stream: true, prompt: promptText(2000), members: { max_tokens: 1 } });
		chunks.push(firstTokenMs / (2000 / batchSize));
		await leave(promptText(2000), { said: 'reading the prompt' });
		return quiet();
	});
	await timed('decoding', async () => {
		await leave('Hello', { said: '"content":"' });
		return quiet();
	});

	const chunkMs = median(chunks);
	const stalls: number[] = [];
	for (let n = 0; n < Number(values.rounds); n++) {
		const running = chat(ours, { stream: true, prompt: 'Hello', members: { max_tokens: 400, ignore_eos: true } });
		await untilMetrics(ours, (value) => value('slots_busy') === 1);
		await chat(ours, { stream: true, prompt: promptText(4000), members: { max_tokens: 1 } });
		stalls.push(Math.max(...(await running).gapsMs));
	}
	console.log(`62M q4_0, ${availableParallelism()} × ${cpus()[0]!.model.trim()}, load ${loadavg()[0]!.toFixed(1)}; ${values.rounds} rounds; a chunk of ${batchSize} prompt tokens takes ${chunkMs.toFixed(0)} ms.\n`);
	console.log('| the client left | slot free after, median ms | most ms | bound ms | held |\n|---|---:|---:|---:|---|');
	for (const [what, times] of rows) {
		const bound = what.startsWith('in a prompt') ? 100 + chunkMs : 100;
		const held = Math.max(...times) <= bound;
		if (!held) process.exitCode = 1;
		console.log(`| ${what} | ${median(times).toFixed(0)} | ${Math.max(...times).toFixed(0)} | ${bound.toFixed(0)} | ${held ? 'yes' : 'no'} |`);
	}
	const held = Math.max(...stalls) < 2 * chunkMs;
	if (!held) process.exitCode = 1;
	console.log(`\nThe longest wait between two tokens of a running answer while 4,000 words are read: ${stalls.map((ms) => ms.toFixed(0)).join(', ')} ms; two chunks: ${(2 * chunkMs).toFixed(0)} ms: ${held ? 'held' : 'not held'}.`);
} finally {
	await ours.stop();
	rmSync(folder, { recursive: true, force: true });
}
