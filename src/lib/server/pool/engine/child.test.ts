import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { writeBrokenModel } from '../../../../../tests/support/gguf/broken.ts';
import { scriptedModel, tinyModel } from '../../../../../tests/support/models.ts';
import type { EngineEvent, EngineOptions, FromEngine, GenerateRequest, ToEngine } from './protocol.ts';

const dir = mkdtempSync(join(tmpdir(), 'child-'));
const children: ChildProcess[] = [];
afterEach(() => {
	for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** A forked engine: what it says is kept, and `until` waits for something said. */
function start() {
	const child = fork(join(import.meta.dirname, 'child.ts'), [], {
		execArgv: ['--disable-warning=ExperimentalWarning'],
		stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
		env: { PATH: process.env.PATH, HOME: process.env.HOME }
	});
	children.push(child);
	const said: FromEngine[] = [];
	child.on('message', (message: FromEngine) => said.push(message));
	async function until<T extends FromEngine['type']>(type: T, matches: (message: Extract<FromEngine, { type: T }>) => boolean = () => true): Promise<Extract<FromEngine, { type: T }>> {
		for (;;) {
			const found = said.find((message): message is Extract<FromEngine, { type: T }> => message.type === type && matches(message as Extract<FromEngine, { type: T }>));
			if (found) return found;
			await once(child, 'message', { signal: AbortSignal.timeout(20_000) });
		}
	}
	return { child, said, until, send: (message: ToEngine) => child.send(message), exit: once(child, 'exit') as Promise<[number | null, string | null]> };
}

const options = (modelPath: string): EngineOptions => ({ modelPath, contextLength: 512, slots: 4, batchSize: 128, threads: 1, gpuLayers: 0, flashAttention: false, kvCacheType: 'f16', purpose: 'generate' });
const request = (maxTokens: number): GenerateRequest => ({ messages: [{ role: 'user', content: 'Hi' }], options: { temperature: 0, maxTokens, seed: 1 } });
const eventsOf = (said: FromEngine[], id: number): EngineEvent[] => said.flatMap((message) => (message.type === 'events' ? message.rows.filter((row) => row.id === id).map((row) => row.event) : []));
const textOf = (events: EngineEvent[]) => events.map((event) => (event.type === 'text' ? event.text : '')).join('');
const finishOf = (id: number) => (message: Extract<FromEngine, { type: 'events' }>) => message.rows.some((row) => row.id === id && row.event.type === 'finish');

describe("the engine's process", () => {
	it('opens, streams, counts, answers a ping and closes', async () => {
		const engine = start();
		engine.send({ type: 'open', options: options(scriptedModel(dir, { sentence: 'Hello there, I am a tiny scripted model.' })) });
		expect((await engine.until('opened')).info).toMatchObject({ contextLength: 512, slots: 4 });
		engine.send({ type: 'generate', id: 1, request: request(50) });
		await engine.until('events', finishOf(1));
		const events = eventsOf(engine.said, 1);
		expect(textOf(events)).toBe('Hello there, I am a tiny scripted model.');
		expect(events.slice(-2).map((event) => event.type)).toEqual(['usage', 'finish']);

		engine.send({ type: 'count', id: 2, request: request(1) });
		const usage = events.at(-2) as Extract<EngineEvent, { type: 'usage' }>;
		expect((await engine.until('counted')).tokens).toBe(usage.promptTokens);
		engine.send({ type: 'ping', id: 3 });
		const { stats } = await engine.until('pong');
		expect(stats).toMatchObject({ slotsBusy: 0, kvTotal: 2048 });
		expect(stats.rssBytes).toBeGreaterThan(50e6);

		engine.send({ type: 'close' });
		await engine.until('closed');
		expect(await engine.exit).toEqual([0, null]);
	});

	it('sends the rows of one decode step in one message', async () => {
		const engine = start();
		engine.send({ type: 'open', options: options(tinyModel(dir)) });
		await engine.until('opened');
		for (const id of [1, 2, 3]) engine.send({ type: 'generate', id, request: request(100) });
		await Promise.all([1, 2, 3].map((id) => engine.until('events', finishOf(id))));
		const messages = engine.said.filter((message) => message.type === 'events');
		const together = messages.filter((message) => new Set(message.rows.map((row) => row.id)).size === 3);
		expect(together.length).toBeGreaterThan(80);
	});

	it('stops a generation on abort and refuses what it cannot do', async () => {
		const engine = start();
		engine.send({ type: 'open', options: options(tinyModel(dir)) });
		await engine.until('opened');
		engine.send({ type: 'generate', id: 1, request: request(Infinity) });
		await engine.until('events');
		engine.send({ type: 'abort', id: 1 });
		await engine.until('events', finishOf(1));
		expect(eventsOf(engine.said, 1).at(-1)).toEqual({ type: 'finish', reason: 'cancelled' });
		engine.send({ type: 'generate', id: 2, request: { ...request(5), options: { ...request(5).options, responseFormat: { type: 'json_schema' as const, json_schema: { schema: { not: {} } } } } } });
		expect(await engine.until('failed')).toMatchObject({ id: 2, failure: { code: 'UNSUPPORTED_PARAMETER' } });
	});

	it('says why a file cannot be opened, and lives on', async () => {
		const engine = start();
		engine.send({ type: 'open', options: options(writeBrokenModel(dir, 'no-heads')) });
		expect((await engine.until('openFailed')).failure).toMatchObject({ code: 'MODEL_LOAD_ERROR', message: expect.stringContaining('head_count is 0') as string });
		expect(engine.child.exitCode).toBeNull();
	});

	it('is seen to be gone when it is killed', async () => {
		const engine = start();
		engine.send({ type: 'open', options: options(tinyModel(dir)) });
		await engine.until('opened');
		engine.child.kill('SIGKILL');
		expect(await engine.exit).toEqual([null, 'SIGKILL']);
	});

	it('ends when its parent lets go of it, in the midst of a generation', async () => {
		const engine = start();
		engine.send({ type: 'open', options: options(tinyModel(dir)) });
		await engine.until('opened');
		engine.send({ type: 'generate', id: 1, request: request(Infinity) });
		await engine.until('events');
		engine.child.disconnect();
		expect(await engine.exit).toEqual([null, 'SIGKILL']);
	});

	it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('leaves %s, which reaches all processes at once, to the server', async (signal) => {
		const engine = start();
		engine.send({ type: 'open', options: options(scriptedModel(dir, { sentence: 'Still here.' })) });
		await engine.until('opened');
		engine.child.kill(signal);
		engine.send({ type: 'generate', id: 1, request: request(50) });
		await engine.until('events', finishOf(1));
		expect(textOf(eventsOf(engine.said, 1))).toBe('Still here.');
	});
});
