import { mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocketServer } from 'ws';
import { refuseDefaultPasswordOn } from './auth/administrator.ts';
import { exposure } from './auth/exposure.ts';
import { closeIdentity, openIdentity } from './auth/start.ts';
import { bridge } from './bridge.ts';
import { stopAnswers } from './chat/answer.ts';
import { closeDatabase, openDatabase } from './db/index.ts';
import { closeDownloads, downloadFigures, openDownloads } from './downloads/downloads.ts';
import { BootError, env } from './env.ts';
import { openGuide } from './guide/guide.ts';
import { answerClientError } from './http/client-error.ts';
import { maxBodyBytes } from './http/body.ts';
import { shutdownSignal, startAll, stopAll, type Part } from './lifecycle.ts';
import { closeLogFiles, logger, openLogFiles } from './logs/logger.ts';
import { closeMetrics, openMetrics } from './metrics/metrics.ts';
import { closeKeptStates, openKeptStates, statesOnDisk } from './models/kept-states.ts';
import { registerFile } from './models/register-file.ts';
import { closePool, openPool, pool } from './models/running.ts';
import { closePreload, openPreload } from './models/preload.ts';
import { closeModelWatch, openModelWatch } from './models/watch.ts';
import { closeActivity, openActivity } from './monitoring/activity.ts';
import { closeRetention, openRetention } from './monitoring/retention.ts';
import { closeSampler, currentFigures, openSampler } from './monitoring/sampler.ts';
import { closeParameters, openParameters } from './parameters/apply.ts';
import { followParameter } from './parameters/values.ts';
import { admitUpgrade } from './realtime/admit-upgrade.ts';
import { broadcastSocket, closeBroadcast, openBroadcast } from './realtime/broadcast.ts';
import { chatSocket } from './realtime/chat.ts';
import { upgradeDispatcher } from './realtime/upgrade.ts';
import { trpcSocket } from './realtime/trpc.ts';
import { singleton } from './singleton.ts';
import { closeUpstreams, openUpstreams } from './upstream/registry.ts';

const log = logger('server');

/** Everything that starts with the server, in order; it stops in the reverse one. */
const parts = (): Part[] => [
	{ name: 'folders', start: makeFolders },
	{ name: 'log files', start: () => openLogFiles(join(env().dataDir, 'logs')), stop: closeLogFiles },
	{ name: 'database', start: () => void openDatabase(join(env().dataDir, 'llama-runner.sqlite'), join(env().root, 'drizzle')), stop: closeDatabase },
	{ name: 'identity', start: openIdentity, stop: closeIdentity },
	{ name: 'parameters', start: openParameters, stop: closeParameters },
	{ name: 'metrics', start: () => openMetrics({ webSockets, models: poolFigures, downloads: downloadFigures, keptOnDisk: () => statesOnDisk() }), stop: closeMetrics },
	{ name: 'pool', start: openPool, stop: closePool },
	{ name: 'kept states', start: openKeptStates, stop: closeKeptStates },
	{ name: 'guide', start: openGuide },
	{ name: 'model watch', start: openModelWatch, stop: closeModelWatch },
	{ name: 'preload', start: openPreload, stop: closePreload },
	{ name: 'upstreams', start: openUpstreams, stop: closeUpstreams },
	{ name: 'downloads', start: () => void openDownloads({ register: registerFile }), stop: closeDownloads },
	{ name: 'monitoring', start: () => openSampler({ webSockets, models: modelLoads, folders: watchedFolders() }), stop: closeSampler },
	{ name: 'retention', start: () => openRetention(join(env().dataDir, 'logs')), stop: closeRetention },
	{ name: 'activity', start: openActivity, stop: closeActivity },
	{ name: 'broadcast', start: () => openBroadcast({ status: currentFigures, followInterval: (apply) => followParameter('statusInterval', apply) }), stop: closeBroadcast },
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
		shutdownSignal().addEventListener('abort', () => bridge.requests.forEach(({ leave }) => leave()));
		await startAll(parts());
	});
}

function makeFolders(): void {
	try {
		for (const folder of [env().dataDir, join(env().dataDir, 'logs'), ...env().modelRoots]) mkdirSync(folder, { recursive: true, mode: 0o700 });
	} catch (error) {
		const { code, path } = error as NodeJS.ErrnoException;
		throw new BootError(`The server can't start: the folder ${path} can't be made (${code}). Set DATA_DIR and MODELS_DIR to folders that can be written.`);
	}
}

const poolFigures = () => pool().states().map(({ name, phase, queued, slotsBusy, kvUsed, kvTotal, lastBatch, kept }) => ({ model: name, loaded: phase === 'running', queued, slotsBusy, kvUsed, kvTotal, lastBatch, kept }));

const modelLoads = () =>
	pool().states().filter(({ phase }) => phase === 'running' || phase === 'loading')
		.map(({ name, phase, slots, slotsBusy, queued, kvUsed, kvTotal, rssBytes, estimatedBytes }) => ({ name, running: phase === 'running', slots, slotsBusy, queued, kvUsed, kvTotal, memoryBytes: rssBytes || estimatedBytes }));

const watchedFolders = () => [{ name: 'data', path: env().dataDir }, ...env().modelRoots.map((path, i) => ({ name: i === 0 ? 'models' : `models ${i + 1}`, path }))];

const sockets = singleton('sockets', () => ({ server: undefined as WebSocketServer | undefined }));

const webSockets = () => sockets.server?.clients.size ?? 0;

function openSockets(): void {
	const server = new WebSocketServer({ noServer: true, maxPayload: maxBodyBytes });
	sockets.server = server;
	bridge.upgrade = upgradeDispatcher(server, { '/trpc': trpcSocket(server), '/api/chat': chatSocket, '/api/websocket': broadcastSocket }, admitUpgrade);
}

/** Says goodbye to every socket, after those in mid-answer had a moment to say so; those that don't answer are ended. */
async function closeSockets(): Promise<void> {
	const { server } = sockets;
	if (!server) return;
	server.close();
	if (server.clients.size > 0) await sleep(50);
	for (const socket of server.clients) socket.close(1001, 'The server is stopping');
	for (let waited = 0; server.clients.size > 0 && waited < 300; waited += 20) await sleep(20);
	for (const socket of server.clients) socket.terminate();
}

const unsafe = {
	defaultPassword: 'UNSAFE: the administrator has the default password. Sign in and change it, or set ADMIN_PASSWORD.',
	openOnNetwork: 'UNSAFE: API_ACCESS=open on an address that others reach: the whole network may change models, configuration and parameters without signing in.'
};

/** Once the port is open: says where to go, who may come in, and what is unsafe about it. @throws BootError */
function announce(address: AddressInfo | string | null): void {
	if (address === null || typeof address === 'string') return;
	refuseDefaultPasswordOn(address.address, env().adminPassword);
	bridge.port = address.port;
	bridge.address = address.address;
	const { access, warnings } = exposure();
	if (access === 'open') log.info('API access is open: programs on this machine need not sign in for what document A leaves open. Behind a proxy set API_ACCESS=authenticated.');
	else log.info('API access is authenticated: every call needs a user');
	for (const warning of warnings) log.warn(unsafe[warning]);
	const host = address.address.includes(':') ? `[${address.address}]` : address.address;
	log.info(`Open http://${host === '0.0.0.0' || host === '[::]' ? 'localhost' : host}:${address.port}`);
}
