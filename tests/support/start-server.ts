import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { nodeArgs } from '../../scripts/launch/server-args.js';

export type RunningServer = {
	url: string;
	port: number;
	dataDir: string;
	modelsDir: string;
	process: ChildProcess;
	/** everything it has printed so far */
	output: () => string;
	/** ends it as a service manager would, waits for the end, and removes its folder unless `keepData` */
	stop: (options?: { signal?: NodeJS.Signals; keepData?: boolean }) => Promise<void>;
};

const entry = resolve(import.meta.dirname, '../../src/server.js');

/**
 * Starts the built server on a free port with its own data folder, as a user's shell would: only the settings given.
 * @throws when it ends before it listens, with what it printed
 */
export async function startServer(settings: Record<string, string> = {}): Promise<RunningServer> {
	const dataDir = settings.DATA_DIR ?? (await mkdtemp(join(tmpdir(), 'llama-runner-test-')));
	const { PATH = '', HOME = '' } = process.env;
	const child = fork(entry, [], {
		env: { PATH, HOME, HOST: '127.0.0.1', PORT: '0', DATA_DIR: dataDir, LM_STUDIO_URL: 'http://127.0.0.1:9', GUIDE: 'off', ...settings },
		execArgv: nodeArgs,
		stdio: ['ignore', 'pipe', 'pipe', 'ipc']
	});
	let output = '';
	child.stdout!.on('data', (chunk: Buffer) => (output += chunk.toString()));
	child.stderr!.on('data', (chunk: Buffer) => (output += chunk.toString()));
	const port = await listeningPort(child, () => output).catch(async (error: unknown) => {
		if (!settings.DATA_DIR) await rm(dataDir, { recursive: true, force: true });
		throw error;
	});
	return {
		url: `http://127.0.0.1:${port}`,
		port,
		dataDir,
		modelsDir: settings.MODELS_DIR ?? join(dataDir, 'models'),
		process: child,
		output: () => output,
		async stop({ signal = 'SIGTERM', keepData = false } = {}) {
			if (child.exitCode === null && child.signalCode === null) {
				const ended = once(child, 'exit');
				child.kill(signal);
				await ended;
			}
			if (!keepData) await rm(dataDir, { recursive: true, force: true });
		}
	};
}

function listeningPort(child: ChildProcess, output: () => string): Promise<number> {
	return new Promise((resolvePort, reject) => {
		const fail = (why: string) => reject(new Error(`the server ${why}:\n${output()}`));
		const timer = setTimeout(() => fail('did not listen within 30 s'), 30_000);
		child.once('exit', (code) => {
			clearTimeout(timer);
			fail(`ended with ${code} before it listened`);
		});
		const look = () => {
			const port = /Open https?:\/\/[^\s"]*:(\d+)/.exec(output())?.[1];
			if (!port) return;
			child.stdout!.off('data', look); // a long run prints megabytes, and searching them would slow the tests' own side down
			clearTimeout(timer);
			resolvePort(Number(port));
		};
		child.stdout!.on('data', look);
	});
}
