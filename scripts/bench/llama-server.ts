import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Target } from './chat-client.ts';

/** How both servers open the model. `contextLength`: tokens for each slot. */
export type Opening = { slots: number; contextLength: number; threads: number; batchSize: number };

async function freePort(): Promise<number> {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as { port: number };
	await new Promise((resolve) => server.close(resolve));
	return port;
}

/**
 * Starts llama.cpp's own server on a file; its libraries may lie beside it. `more`: further flags.
 * @throws when it ends or is not ready within a minute
 */
export async function startLlamaServer(binary: string, model: string, { slots, contextLength, threads, batchSize }: Opening, more: string[] = []): Promise<Target & { pid: number; stop: () => Promise<void> }> {
	const port = await freePort();
	const flags = { '-m': model, '--host': '127.0.0.1', '--port': port, '--parallel': slots, '-c': slots * contextLength, '-b': batchSize, '-ub': batchSize, '-t': threads, '-tb': threads };
	const child = spawn(binary, [...Object.entries(flags).flatMap(([flag, value]) => [flag, String(value)]), '--no-webui', ...more], {
		env: { ...process.env, LD_LIBRARY_PATH: [dirname(binary), process.env.LD_LIBRARY_PATH].filter(Boolean).join(':') },
		stdio: ['ignore', 'ignore', 'pipe']
	});
	let said = '';
	child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4000)));
	const ended = once(child, 'exit');
	const stop = async () => {
		child.kill();
		await ended;
	};
	const url = `http://127.0.0.1:${port}`;
	for (let tries = 0; ; tries++) {
		const status = await fetch(`${url}/health`).then((response) => response.status, () => 0);
		if (status === 200) return { url, key: 'none', model: 'any', pid: child.pid!, stop };
		if (child.exitCode === null && tries < 600) await sleep(100);
		else {
			await stop();
			throw new Error(`llama-server does not run:\n${said}`);
		}
	}
}
