import { mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { WebSocketServer } from 'ws';
import { bridge } from './bridge.ts';
import { stopAnswers } from './chat/answer.ts';
import { closeDatabase, openDatabase } from './db/index.ts';
import { BootError, env } from './env.ts';
import { answerClientError } from './http/client-error.ts';
import { maxBodyBytes } from './http/body.ts';
import { startAll, stopAll, type Part } from './lifecycle.ts';
import { logger } from './logs/logger.ts';
import { closePool, openPool } from './models/catalog.ts';
import { upgradeDispatcher } from './realtime/upgrade.ts';
import { trpcSocket } from './realtime/trpc.ts';
import { singleton } from './singleton.ts';
import { anonymousContext } from './http/authenticate.ts';

const log = logger('server');

/** Everything that starts with the server, in order; it stops in the reverse one. */
const parts = (): Part[] => [
	{ name: 'folders', start: makeFolders },
	{ name: 'database', start: () => void openDatabase(join(env().dataDir, 'llama-runner.sqlite'), join(env().root, 'drizzle')), stop: closeDatabase },
	{ name: 'pool', start: openPool, stop: closePool },
	{ name: 'answers', stop: stopAnswers },
	{ name: 'sockets', start: openSockets, stop: closeSockets }
];

/** Starts the server once; a dev reload evaluates this module again and finds it running. */
export async function startServer(): Promise<void> {
	await singleton('boot', async () => {
		bridge.trustProxy = env().trustProxy;
		bridge.stop = () => stopAll();
		bridge.listening = announce;
		bridge.clientError = answerClientError;
		await startAll(parts());
	});
}

function makeFolders(): void {
	try {
		for (const folder of [env().dataDir, ...env().modelRoots]) mkdirSync(folder, { recursive: true, mode: 0o700 });
	} catch (error) {
		const { code, path } = error as NodeJS.ErrnoException;
		throw new BootError(`The server can't start: the folder ${path} can't be made (${code}). Set DATA_DIR and MODELS_DIR to folders that can be written.`);
	}
}

const sockets = singleton('sockets', () => ({ server: undefined as WebSocketServer | undefined }));

function openSockets(): void {
	const server = new WebSocketServer({ noServer: true, maxPayload: maxBodyBytes });
	sockets.server = server;
	bridge.upgrade = upgradeDispatcher(server, { '/trpc': trpcSocket(server, anonymousContext) }, async () => undefined);
}

function closeSockets(): void {
	for (const socket of sockets.server?.clients ?? []) socket.terminate();
	sockets.server?.close();
}

/** Once the port is open: says where to go and what is unsafe about the settings. */
function announce(address: AddressInfo | string | null): void {
	if (address === null || typeof address === 'string') return;
	bridge.port = address.port;
	const host = address.address.includes(':') ? `[${address.address}]` : address.address;
	log.info(`Open http://${host === '0.0.0.0' || host === '[::]' ? 'localhost' : host}:${address.port}`);
}
