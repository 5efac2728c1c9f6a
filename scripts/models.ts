import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { recordAudit } from '#lib/server/audit/audit.ts';
import type { ListedDownload } from '#lib/contract/downloads.ts';
import { starters } from '#lib/contract/starters.ts';
import { closeDatabase, openDatabase } from '#lib/server/db/index.ts';
import { closeDownloads, listDownloads, openDownloads, worksDownloads } from '#lib/server/downloads/downloads.ts';
import { listRepo, searchHub } from '#lib/server/downloads/hub.ts';
import { startDownload } from '#lib/server/downloads/start.ts';
import { env } from '#lib/server/env.ts';
import { appErrorOf } from '#lib/server/errors.ts';
import { registerFile } from '#lib/server/models/register-file.ts';
import { setLogLevel } from '#lib/server/logs/logger.ts';

// Models from the hub, at the keyboard of the machine itself, whether the server runs or not: a download stands in the database, and
// whichever process has the lock brings it. When that is the server, this one only looks on.

const usage = `Usage:
  npm run models -- pull <owner/repo>[:<quantization>]   download and register, for example ${starters[0]!.repo}:${starters[0]!.quantization}
  npm run models -- search <words>                       repositories with GGUF files
  npm run models -- files <owner/repo>                   what there is in one
  npm run models -- list                                 downloads and how they stand`;

/** A mistake of the person at the keyboard: told in one line. */
class Refused extends Error {}

const leaving = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => leaving.abort());

const size = (bytes: number): string => (bytes < 1e9 ? `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB` : `${(bytes / 1e9).toFixed(2)} GB`);

function progress({ receivedBytes, totalBytes, state, error }: ListedDownload, bytesPerSecond: number): string {
	const amount = totalBytes === null ? size(receivedBytes) : `${size(receivedBytes)} of ${size(totalBytes)}`;
	const left = totalBytes !== null && bytesPerSecond > 0 ? ` · ${Math.ceil((totalBytes - receivedBytes) / bytesPerSecond)} s left` : '';
	return `${state}: ${amount}${bytesPerSecond > 0 ? ` · ${size(bytesPerSecond)}/s${left}` : ''}${error ? ` · ${error.message}` : ''}`;
}

/** Looks on until it has ended; its row and its files tell, whoever brings it. */
async function follow(id: string): Promise<ListedDownload> {
	let [last, said] = [{ at: performance.now(), bytes: -1 }, ''];
	for (;;) {
		const row = listDownloads().find((one) => one.id === id);
		if (!row) throw new Refused('The download was cancelled.');
		const speed = last.bytes < 0 ? 0 : ((row.receivedBytes - last.bytes) / (performance.now() - last.at)) * 1000;
		last = { at: performance.now(), bytes: row.receivedBytes };
		const line = progress(row, Math.max(0, speed));
		if (process.stdout.isTTY) process.stdout.write(`\r\x1b[2K${line}`);
		else if (row.state !== said) console.log(line);
		said = row.state;
		if (row.state === 'done' || row.state === 'failed' || row.state === 'paused') {
			if (process.stdout.isTTY) process.stdout.write('\n');
			return row;
		}
		if (leaving.signal.aborted) throw new Refused(worksDownloads() ? '\nStopped. It goes on with the next "pull" of the same, or when the server starts.' : '\nThe server goes on with it.');
		await sleep(process.stdout.isTTY ? 500 : 100);
	}
}

async function pull(given: string): Promise<string> {
	const [, repo, quantization] = /^([\w.-]+\/[\w.-]+?)(?::([\w-]+))?$/.exec(given.replace(/^(https:\/\/huggingface\.co\/|hf:|hf\.co\/)/, '')) ?? [];
	if (!repo) throw new Refused(usage);
	openDownloads({ register: registerFile });
	try {
		const id = await startDownload({ repo, quantization }, leaving.signal);
		recordAudit({ userId: null, username: '', ip: '', requestId: '' }, 'models.pull', { outcome: 'ok', target: given });
		if (!worksDownloads()) console.log('The server runs and brings it.');
		const { state, error, model } = await follow(id);
		if (state === 'done') return `Registered as ${model}.`;
		throw new Refused(error?.message ?? 'It was paused on the Models page; resume it there.');
	} finally {
		await closeDownloads();
	}
}

async function main([command, ...args]: string[]): Promise<string> {
	const text = args.join(' ');
	if (!['pull', 'search', 'files', 'list'].includes(command ?? '') || (text === '') !== (command === 'list')) throw new Refused(usage);
	const { dataDir, modelRoots, root } = env();
	setLogLevel('silent');
	for (const folder of [dataDir, ...modelRoots]) mkdirSync(folder, { recursive: true, mode: 0o700 });
	openDatabase(join(dataDir, 'llama-runner.sqlite'), join(root, 'drizzle'));
	try {
		if (command === 'pull') return await pull(text);
		if (command === 'search') return (await searchHub(text, leaving.signal)).map(({ repo, downloads, license, gated }) => `${repo}  ${downloads} downloads${license ? `, ${license}` : ''}${gated ? ', gated' : ''}`).join('\n') || 'Nothing has these words.';
		if (command === 'files') return (await listRepo(text, leaving.signal)).files.map(({ file, quantization, sizeBytes }) => `${quantization || file}  ${size(sizeBytes)}  ${file}`).join('\n') || 'It has no GGUF files.';
		return listDownloads().map((row) => `${row.source}  ${row.file}  ${progress(row, 0)}${row.model ? ` · registered as ${row.model}` : ''}`).join('\n') || 'No downloads.';
	} finally {
		closeDatabase();
	}
}

try {
	console.log(await main(process.argv.slice(2)));
} catch (error) {
	const known = appErrorOf(error);
	const expected = known ?? (error instanceof Refused || (error as Error).name === 'BootError' ? (error as Error) : undefined);
	console.error(known?.errors.join('; ') || expected?.message || error);
	process.exitCode = 1;
}
