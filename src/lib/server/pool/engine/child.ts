/**
 * The engine's process: speaks `protocol.ts` over IPC for one engine. A hostile file can abort a process, so each loaded model
 * has its own; it holds no secrets (bare environment) and ends when its parent does. Run by `fork`, from this file in
 * development and tests, bundled as `build/engine.js` in production.
 */
import { basename } from 'node:path';
import { AppError } from '../../errors.ts';
import { openEngine } from './engine.ts';
import type { Engine, EngineEvent, EngineFailure, EngineOptions, FromEngine, ToEngine } from './protocol.ts';
import { trustCpuBinary } from './trust-cpu-binary.ts';

if (!import.meta.env?.PROD) trustCpuBinary();

let opening: Promise<Engine> | undefined;
let closed = false;
const closing = new AbortController();
const calls = new Map<number, AbortController>();
let rows: { id: number; event: EngineEvent }[] = [];

function send(message: FromEngine): void {
	// a failed send means that the parent has gone; 'disconnect' tells
	if (process.connected) process.send!(message, undefined, undefined, () => {});
}

function flush(): void {
	if (rows.length > 0) send({ type: 'events', rows });
	rows = [];
}

/** Events of one decode step are emitted in one turn of the event loop, and leave in one message at its end. */
function queueRow(id: number, event: EngineEvent): void {
	if (rows.length === 0) setImmediate(flush);
	rows.push({ id, event });
}

function failureOf(thrown: unknown): EngineFailure {
	if (thrown instanceof AppError) return { code: thrown.code, message: thrown.message, ...(thrown.details === undefined ? {} : { details: thrown.details }) };
	return { code: 'INTERNAL_ERROR', message: `The engine failed: ${thrown instanceof Error ? thrown.message : String(thrown)}` };
}

async function open(options: EngineOptions): Promise<void> {
	process.title = `llama-runner engine ${basename(options.modelPath)}`;
	let shown = 0;
	const onLoading = (fraction: number) => {
		if (fraction < 1 && fraction - shown < 0.01) return;
		shown = fraction;
		send({ type: 'loading', fraction });
	};
	opening = openEngine(options, onLoading, closing.signal);
	try {
		send({ type: 'opened', info: (await opening).info });
	} catch (thrown) {
		send({ type: 'openFailed', failure: failureOf(thrown) });
	}
}

/** Runs one call of the opened engine; what it throws goes back under its id, after the rows that came before. */
async function call(id: number, work: (engine: Engine, signal: AbortSignal) => Promise<void>): Promise<void> {
	const controller = new AbortController();
	calls.set(id, controller);
	try {
		if (!opening) throw new AppError('INTERNAL_ERROR', 'The engine has not been opened');
		await work(await opening, controller.signal);
	} catch (thrown) {
		flush();
		send({ type: 'failed', id, failure: failureOf(thrown) });
	} finally {
		calls.delete(id);
	}
}

async function close(): Promise<void> {
	closing.abort();
	await (await opening?.catch(() => undefined))?.close();
	flush();
	send({ type: 'closed' });
	closed = true;
	process.disconnect();
}

const handlers: { [T in ToEngine['type']]: (message: Extract<ToEngine, { type: T }>) => Promise<void> | void } = {
	open: ({ options }) => open(options),
	generate: ({ id, request }) =>
		call(id, async (engine, signal) => {
			const maxTokens = request.options.maxTokens ?? Infinity; // JSON makes null of Infinity
			for await (const event of engine.generate({ ...request, options: { ...request.options, maxTokens } }, signal)) queueRow(id, event);
		}),
	count: ({ id, request }) => call(id, async (engine, signal) => send({ type: 'counted', id, tokens: await engine.countPrompt(request, signal) })),
	tokenize: ({ id, text }) => call(id, async (engine) => send({ type: 'tokenized', id, tokens: await engine.tokenize(text) })),
	detokenize: ({ id, tokens }) => call(id, async (engine) => send({ type: 'detokenized', id, text: await engine.detokenize(tokens) })),
	ping: ({ id }) =>
		call(id, async (engine) => {
			const stats = await engine.stats();
			flush(); // who hears that a slot is free must have heard of the answer's end
			send({ type: 'pong', id, stats: { ...stats, rssBytes: process.memoryUsage.rss() } });
		}),
	forget: async ({ owner }) => (await opening?.catch(() => undefined))?.forget(owner),
	abort: ({ id }) => calls.get(id)?.abort(),
	close
};

process.on('message', (message: ToEngine) => void handlers[message.type](message as never));
// an orderly exit would wait for the batch that is being decoded, and free what it uses
process.on('disconnect', () => (closed ? process.exit(0) : process.kill(process.pid, 'SIGKILL')));
// Ctrl-C, a closed terminal and systemd's stop reach every process; the server decides when its engines end
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
