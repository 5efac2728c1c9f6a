import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { readAnswer } from '../../../../tests/support/answer.ts';
import { temporaryFolder } from '../../../../tests/support/folder.ts';
import { scriptedModel, tinyModel } from '../../../../tests/support/models.ts';
import type { ChatEvent, ChatMessage, ChatOptions } from '../../contract/chat.ts';
import { closeDatabase, openDatabase } from '../db/index.ts';
import { env } from '../env.ts';
import { events } from '../events.ts';
import { logger, logRing } from '../logs/logger.ts';
import { closeKeptStates, openKeptStates, statesOnDisk } from '../models/kept-states.ts';
import { loadModel, unloadModel } from '../models/load.ts';
import { openPreload } from '../models/preload.ts';
import { findRegistered, registerModels } from '../models/registry.ts';
import { closePool, openPool, pool } from '../models/running.ts';
import { Pool } from '../pool/pool.ts';
import { specOf } from '../models/spec.ts';
import { readHistory, writeSample } from '../monitoring/history.ts';
import { closeSampler, currentFigures, openSampler } from '../monitoring/sampler.ts';
import { closeParameters, openParameters } from '../parameters/apply.ts';
import { parameters, type ParameterName } from '../parameters/catalogue.ts';
import { resetParameters, setParameter } from '../parameters/parameters.ts';
import { routeModel } from './route.ts';

const never = new AbortController().signal;
const folder = temporaryFolder();
const sentence = 'Hello there, I am a tiny scripted model.';
const idOf = (model: string) => findRegistered(model)!.id;
const set = (name: ParameterName, value: unknown, model?: string) => setParameter(name, value, model ? idOf(model) : '');

/** One answer of a model, with the parameters as they are, and what the request itself says. */
async function answer(model: string, options: ChatOptions = {}, user = 'ann', onEvent?: (event: ChatEvent) => void) {
	const engine = await routeModel(model, never);
	const request = { model, messages: [{ role: 'user' as const, content: 'Say something' }], stream: true, includeUsage: true, store: false, options };
	return readAnswer(engine.stream(request, { userId: user, requestId: 'r', priority: 'interactive' }, never), onEvent);
}
const textOf = async (model: string, options: ChatOptions = {}) => (await answer(model, options)).text;
const stateOf = async (model: string) => (await pool().statesNow()).find((state) => state.key === idOf(model))!;

/** What has its test where its effect can be seen: tests/contract/llama-runner/parameters.test.ts, monitoring/retention.test.ts. */
const elsewhere: ParameterName[] = ['statusInterval', 'logRetention', 'auditRetention'];
/** Which tests show that a parameter reaches what it controls: the last one sees that none is forgotten. */
const shown = new Set<ParameterName>();
const reaches = (name: ParameterName, how: string, test: () => Promise<void>) => {
	shown.add(name);
	it(`${name}: ${how}`, test);
};

beforeAll(async () => {
	process.env.DATA_DIR = folder; // what is kept of conversations lies there
	openDatabase(':memory:', resolve(import.meta.dirname, '../../../../drizzle'));
	openParameters();
	openPool();
	openKeptStates();
	await registerModels([{ name: 'random', path: tinyModel(folder) }, { name: 'scripted', path: scriptedModel(folder, { sentence }) }], never);
	// Small by default, so that everything fits and loads fast.
	set('contextLength', 512);
	set('threads', 1);
	set('maxTokens', 24);
});
afterAll(async () => {
	closeParameters();
	closeKeptStates();
	await closePool();
	closeDatabase();
});

describe('what an answer is made with', () => {
	afterEach(() => {
		resetParameters(Object.keys(parameters).filter((name) => parameters[name as ParameterName].category === 'model') as ParameterName[], '');
		for (const model of ['random', 'scripted']) resetParameters(undefined, idOf(model));
		set('maxTokens', 24);
	});

	reaches('maxTokens', 'an answer ends there, unless the request says otherwise or its model has its own', async () => {
		set('maxTokens', 5);
		expect(await answer('random')).toMatchObject({ usage: { completionTokens: 5 }, finish: 'length' });
		expect((await answer('random', { maxTokens: 7 })).usage).toMatchObject({ completionTokens: 7 });
		set('maxTokens', 3, 'random');
		expect((await answer('random')).usage).toMatchObject({ completionTokens: 3 });
	});

	reaches('seed', 'the same one gives the same answer, none a new one each time', async () => {
		set('temperature', 1.5);
		set('seed', 42);
		expect(await textOf('random')).toBe(await textOf('random'));
		set('seed', null);
		expect(await textOf('random')).not.toBe(await textOf('random'));
	});

	reaches('temperature', 'at 0 chance has no part', async () => {
		set('temperature', 0);
		const greedy = await textOf('random');
		expect(await textOf('random')).toBe(greedy);
		set('temperature', 2);
		expect(await textOf('random')).not.toBe(greedy);
	});

	for (const [name, value] of [['topK', 1], ['topP', 0], ['minP', 1]] as const)
		reaches(name, `at ${value} only the most likely token is left, however hot`, async () => {
			const greedy = await textOf('random', { temperature: 0 });
			set('temperature', 2);
			set('topK', 0);
			set('topP', 1);
			set('minP', 0);
			expect(await textOf('random', { seed: 7 })).not.toBe(greedy);
			set(name, value);
			expect(await textOf('random', { seed: 7 })).toBe(greedy);
		});

	for (const name of ['repeatPenalty', 'presencePenalty', 'frequencyPenalty'] as const)
		reaches(name, 'it takes an answer elsewhere', async () => {
			set('temperature', 0);
			set('maxTokens', 200);
			const without = await textOf('random');
			set(name, 2);
			expect(await textOf('random')).not.toBe(without);
		});

	reaches('stop', 'a text ends the answer before it', async () => {
		set('temperature', 0);
		expect(await textOf('scripted')).toBe(sentence);
		set('stop', ['tiny', 'never said']);
		expect(await answer('scripted')).toMatchObject({ text: 'Hello there, I am a ', finish: 'stop' });
	});
});

describe('how a model is opened', () => {
	/** The state after a value was set for the loaded model: it is opened anew at once. */
	const opened = async (name: ParameterName, value: unknown) => {
		set(name, value, 'random');
		await loadModel('random', never);
		return stateOf('random');
	};
	afterEach(() => void resetParameters(undefined, idOf('random')));

	reaches('contextLength', 'a conversation can hold as much, and no more than the model was trained for', async () => {
		expect(await opened('contextLength', 256)).toMatchObject({ contextLength: 256 });
		expect((await answer('random', { maxTokens: Infinity })).usage).toMatchObject({ contextLength: 256 });
		expect(await opened('contextLength', 1_048_576)).toMatchObject({ contextLength: 2048 });
	});

	reaches('parallelSlots', 'as many answers run at once', async () => {
		expect(await opened('parallelSlots', 2)).toMatchObject({ slots: 2, kvTotal: 1024 });
		const runs = Array.from({ length: 3 }, () => answer('random', { maxTokens: 300, temperature: 1 }));
		let most = 0;
		for (let running = true; running; ) {
			most = Math.max(most, (await stateOf('random')).slotsBusy);
			running = await Promise.race([Promise.all(runs).then(() => false), new Promise<true>((resolve) => setTimeout(resolve, 5, true))]);
		}
		expect(most).toBe(2);
	});

	reaches('batchSize', 'llama.cpp is told', async () => {
		expect((await opened('batchSize', 64)).opened).toMatchObject({ batchSize: 64 });
	});

	reaches('threads', 'llama.cpp uses as many', async () => {
		// Never more than there are cores: they would wait for each other.
		expect((await opened('threads', 2)).opened).toMatchObject({ threads: Math.min(2, availableParallelism()) });
		expect((await opened('threads', 1)).opened).toMatchObject({ threads: 1 });
	});

	reaches('flashAttention', 'llama.cpp is told, and answers with it', async () => {
		expect((await opened('flashAttention', false)).opened).toMatchObject({ flashAttention: false });
		expect((await answer('random')).usage).toMatchObject({ completionTokens: 24 });
	});

	reaches('kvCacheType', 'the cache takes as much memory as its type says', async () => {
		set('contextLength', 2048, 'random');
		set('parallelSlots', 32, 'random');
		const full = await opened('kvCacheType', 'f32');
		const small = await opened('kvCacheType', 'q4_0');
		expect([full.opened?.kvCacheType, small.opened?.kvCacheType]).toEqual(['f32', 'q4_0']);
		// 65,536 tokens of 512 elements: 134 MB in 4 bytes, 19 MB in 18 bits.
		expect(full.rssBytes - small.rssBytes).toBeGreaterThan(80e6);
		expect((await answer('random')).usage).toMatchObject({ completionTokens: 24 });
	});

	reaches('gpuLayers', '0 keeps a model off the GPU, and a count reaches llama.cpp', async () => {
		expect((await opened('gpuLayers', 0)).opened).toMatchObject({ gpuLayers: 0 });
		set('gpuLayers', 3, 'random');
		expect(specOf(findRegistered('random')!).options.gpuLayers).toBe(3);
	});

	reaches('preload', 'the model is loaded with the server', async () => {
		await unloadModel('random');
		await unloadModel('scripted');
		set('preload', true, 'random');
		openPreload();
		await vi.waitFor(async () => expect(await stateOf('random')).toMatchObject({ phase: 'running' }), 20_000);
		expect((await stateOf('scripted'))?.phase ?? 'stopped').toBe('stopped');
	});

	reaches('idleUnload', 'a model that is not used is unloaded after it', async () => {
		await opened('idleUnload', 1);
		const until = Date.now() + 10_000;
		while ((await stateOf('random')).phase === 'running' && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 50));
		expect(await stateOf('random')).toMatchObject({ phase: 'stopped' });
	});
});

describe('what is kept of conversations', { timeout: 60_000 }, () => {
	/** The prompt tokens of a conversation's second answer that need not be read again, after `between` has happened. */
	async function cachedAfter(conversationId: string, between: () => Promise<unknown>): Promise<number> {
		const engine = await routeModel('random', never);
		const say = (messages: ChatMessage[], id = conversationId) =>
			readAnswer(engine.stream({ model: 'random', messages, stream: true, includeUsage: true, store: true, options: { maxTokens: 8 } }, { userId: 'ann', requestId: 'r', priority: 'interactive', conversationId: id }, never));
		const messages: ChatMessage[] = [{ role: 'user', content: `${conversationId} `.repeat(30) }];
		const { text } = await say(messages);
		await between();
		await say([{ role: 'user', content: 'something else '.repeat(30) }], `after-${conversationId}`);
		return (await say([...messages, { role: 'assistant', content: text }, { role: 'user', content: 'and then?' }])).usage!.cachedTokens;
	}
	const files = () => statesOnDisk(idOf('random')).then(({ states }) => states);
	afterEach(async () => {
		resetParameters(undefined, idOf('random'));
		resetParameters(['promptCacheDisk'], '');
		await unloadModel('random');
	});

	reaches('promptCacheMemory', 'a conversation whose slot another took is not read again, unless nothing may be kept', async () => {
		set('parallelSlots', 1, 'random');
		set('promptCacheDisk', 0);
		expect(await cachedAfter('kept in memory', async () => undefined)).toBeGreaterThan(64);
		set('promptCacheMemory', 0, 'random');
		expect(await cachedAfter('kept nowhere', async () => undefined)).toBeLessThan(64);
		expect(await files()).toBe(0);
	});

	reaches('promptCacheDisk', 'a conversation whose model was unloaded is not read again, unless nothing may be kept', async () => {
		expect(await cachedAfter('kept on disk', () => unloadModel('random'))).toBeGreaterThan(64);
		expect(await files()).toBeGreaterThan(0);
		set('promptCacheDisk', 0);
		await vi.waitFor(async () => expect(await files()).toBe(0), 10_000);
		expect(await cachedAfter('kept nowhere', () => unloadModel('random'))).toBeLessThan(64);
		await unloadModel('random');
		expect(await files()).toBe(0);
	});

	it('goes with its conversation', async () => {
		await cachedAfter('to be removed', () => unloadModel('random'));
		await unloadModel('random');
		const before = await files();
		events.emit('conversation:removed', { userId: 'ann', conversationId: 'to be removed' });
		await vi.waitFor(async () => expect(await files()).toBe(before - 1), 10_000);
	});
});

describe('limits of the server', () => {
	afterEach(() => {
		for (const name of ['queueLimit', 'queueLimitPerUser', 'memoryReserve', 'loadTimeout', 'progressTimeout', 'sampleRetention', 'logLevel'] as const) resetParameters([name], '');
		resetParameters(undefined, idOf('random'));
	});

	for (const [name, code, users] of [['queueLimit', 'QUEUE_FULL', ['a', 'b', 'c']], ['queueLimitPerUser', 'TOO_MANY_STREAMS', ['a', 'a', 'a']]] as const)
		reaches(name, `one more is refused with ${code}`, async () => {
			set('parallelSlots', 1, 'random');
			await loadModel('random', never);
			set(name, 1);
			const runs = users.map((user) => answer('random', { maxTokens: 100, temperature: 1 }, user).then((got) => got.finish, (error: { code: string }) => error.code));
			expect(await Promise.all(runs)).toEqual(['length', 'length', code]);
		});

	reaches('memoryReserve', 'a model that would take of it does not fit', async () => {
		await unloadModel('random');
		set('memoryReserve', 1_048_576);
		await expect(loadModel('random', never)).rejects.toMatchObject({ code: 'MODEL_DOES_NOT_FIT' });
		resetParameters(['memoryReserve'], '');
		await expect(loadModel('random', never)).resolves.toMatchObject({ status: 'running' });
	});

	reaches('sampleRetention', 'samples older than that many days are forgotten', async () => {
		const old = { cpu: 1, memory: 1, requests: 0, activeModels: 0, promptTokens: 0, completionTokens: 0, extra: { covered: 30 } };
		for (const age of [2, 5]) writeSample(Date.now() - age * 24 * 3_600_000, old);
		set('sampleRetention', 3);
		openSampler({ models: () => [], webSockets: () => 0, folders: [] });
		await currentFigures();
		await closeSampler();
		expect(readHistory(30 * 24, Date.now()).map(({ timestamp }) => Math.round((Date.now() - Date.parse(timestamp)) / 86_400_000))).toEqual([2, 0]);
	});

	/** A pool of stand-ins: a real engine that was stopped is found by its heartbeat before any time is up. */
	const poolOf = (engine: 'never-opening' | 'one-word') => new Pool({ isolation: 'process', root: env().root, entry: resolve(import.meta.dirname, `../../../../tests/support/engines/${engine}.ts`), maxLoaded: () => 1, freeBytes: () => 2 ** 33 });

	reaches('loadTimeout', 'a load that takes longer is given up', async () => {
		set('loadTimeout', 5, 'random');
		const slow = poolOf('never-opening');
		await expect(slow.load(specOf(findRegistered('random')!), never)).rejects.toMatchObject({ code: 'TIMEOUT', message: expect.stringContaining('longer than 5 s') });
		await slow.close();
	});

	reaches('progressTimeout', 'an answer that stands still for longer is ended', async () => {
		set('progressTimeout', 5);
		const slow = poolOf('one-word');
		const request = { user: 'ann', priority: 'interactive' as const, messages: [{ role: 'user' as const, content: 'Say something' }], options: { temperature: 0, maxTokens: 8, seed: 1 } };
		const got = await readAnswer(slow.stream(specOf(findRegistered('random')!), request, never));
		expect(got.text).toBe('So');
		expect(got.events.find((event) => event.type === 'error')).toMatchObject({ code: 'TIMEOUT', message: expect.stringContaining('nothing for 5 s') });
		await slow.close();
	});

	reaches('logLevel', 'lines below it are not logged', async () => {
		expect(env().logLevel).toBeUndefined();
		const before = logRing.lastId;
		set('logLevel', 'error');
		logger('test').warn('not this');
		set('logLevel', 'debug');
		logger('test').debug('but this');
		expect(logRing.after(before).map(({ row }) => row.message)).toEqual(['but this']);
	});

	it('none is forgotten', () => expect([...shown, ...elsewhere].sort()).toEqual(Object.keys(parameters).sort()));
});
