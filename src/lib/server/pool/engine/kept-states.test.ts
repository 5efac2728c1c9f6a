import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { readAnswer } from '../../../../../tests/support/answer.ts';
import { tinyModel } from '../../../../../tests/support/models.ts';
import { openEngine } from './engine.ts';
import type { StateSettings } from './kept-states.ts';
import type { Engine, EngineOptions, GenerateRequest } from './protocol.ts';
import { measureStates, removeStatesOf, removeStatesOfModel, removeStrangers, sweepStates } from './state-files.ts';

const dir = mkdtempSync(join(tmpdir(), 'kept-states-'));
const modelPath = tinyModel(dir);
const never = new AbortController().signal;
const opened = new Set<Engine>();
afterEach(async () => {
	for (const engine of opened) await close(engine);
});
afterAll(() => rmSync(dir, { recursive: true }));

let roots = 0;
const newRoot = () => join(dir, `states-${roots++}`);
const mebibyte = 2 ** 20;

async function open(root: string, settings: Partial<StateSettings> = {}, options: Partial<EngineOptions> = {}): Promise<Engine> {
	const states = { root, modelKey: 'tiny', memoryBytes: 64 * mebibyte, diskBytes: 64 * mebibyte, ...settings };
	const engine = await openEngine({ modelPath, contextLength: 1024, slots: 1, batchSize: 256, threads: 1, gpuLayers: 0, flashAttention: false, kvCacheType: 'f16', purpose: 'generate', states, ...options }, () => {});
	opened.add(engine);
	return engine;
}
async function close(engine: Engine): Promise<void> {
	opened.delete(engine);
	await engine.close();
}

type Messages = GenerateRequest['messages'];
const words = (word: string) => Array.from({ length: 100 }, () => word).join(' ');
const ask = (engine: Engine, messages: Messages, { user = 'anna', conversation }: { user?: string | undefined; conversation?: string } = {}) =>
	readAnswer(engine.generate({ messages, options: { temperature: 0, maxTokens: 20, seed: 1 }, ...(user ? { cacheKey: user } : {}), ...(conversation ? { conversation } : {}) }, never));
const begin = (word: string): Messages => [{ role: 'user', content: words(word) }];
const goOn = (messages: Messages, said: string): Messages => [...messages, { role: 'assistant', content: said }, { role: 'user', content: 'and then?' }];
/** What a model says that has never read any of it. */
async function fresh(messages: Messages): Promise<string> {
	const engine = await open(newRoot(), { memoryBytes: 0, diskBytes: 0 });
	const { text } = await ask(engine, messages);
	await close(engine);
	return text;
}
const stateFiles = (root: string): string[] => {
	if (!existsSync(root)) return [];
	const folders = readdirSync(root).filter((name) => !name.startsWith('scratch'));
	return folders.flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(root, folder, name)));
};
/** A conversation that was begun and is on disk. */
async function leaveOnDisk(root: string, options: Partial<EngineOptions> = {}): Promise<Messages> {
	const engine = await open(root, {}, options);
	const { text } = await ask(engine, begin('people'), { conversation: 'one' });
	await close(engine);
	return goOn(begin('people'), text);
}

describe('a conversation whose slot another took', () => {
	it('comes back from memory, and goes on as if all of it had been read', async () => {
		const root = newRoot();
		const engine = await open(root, { diskBytes: 0 });
		const first = await ask(engine, begin('people'), { conversation: 'one' });
		await ask(engine, begin('water'), { conversation: 'two' });
		await expect.poll(async () => (await engine.stats()).kept?.states, { timeout: 10_000 }).toBe(1);
		const next = goOn(begin('people'), first.text);
		const again = await ask(engine, next, { conversation: 'one' });
		expect(again.usage!.cachedTokens).toBeGreaterThan(100);
		expect(again.text).toBe(await fresh(next));
		expect((await engine.stats()).kept).toMatchObject({ restoredFromMemory: 1, restoredFromDisk: 0 });
		await close(engine);
		expect(readdirSync(root)).toEqual([]); // nothing of it was left on disk
	});

	it('is read again by another user, and by one who says not who they are', async () => {
		const engine = await open(newRoot());
		const first = await ask(engine, begin('people'), { conversation: 'one' });
		await ask(engine, begin('water'), { conversation: 'two' });
		await expect.poll(async () => (await engine.stats()).kept?.states, { timeout: 10_000 }).toBe(1);
		const next = goOn(begin('people'), first.text);
		expect((await ask(engine, next, { user: 'bert', conversation: 'three' })).usage!.cachedTokens).toBe(0);
		expect((await ask(engine, next, { user: '' })).usage!.cachedTokens).toBe(0);
	});

	it('takes no more memory than is allowed: the oldest go', async () => {
		const engine = await open(newRoot(), { diskBytes: 0, memoryBytes: 300_000 });
		for (const word of ['people', 'water', 'time', 'world', 'name']) await ask(engine, begin(word), { conversation: word });
		await expect.poll(async () => (await engine.stats()).kept?.states, { timeout: 10_000 }).toBeGreaterThan(0);
		const { states, bytes } = (await engine.stats()).kept!;
		expect(states).toBeLessThan(4);
		expect(bytes).toBeLessThanOrEqual(300_000);
	});

	it('is erased when it is forgotten, also from its slot', async () => {
		const engine = await open(newRoot());
		const first = await ask(engine, begin('people'), { conversation: 'one' });
		const second = await ask(engine, begin('water'), { conversation: 'two' });
		await expect.poll(async () => (await engine.stats()).kept?.states, { timeout: 10_000 }).toBe(1);
		engine.forget({ user: 'anna', conversation: 'one' });
		engine.forget({ user: 'anna', conversation: 'two' });
		expect((await engine.stats()).kept).toMatchObject({ states: 0, bytes: 0 });
		await expect.poll(async () => (await engine.stats()).kvUsed, { timeout: 10_000 }).toBe(0);
		expect((await ask(engine, goOn(begin('water'), second.text))).usage!.cachedTokens).toBe(0);
		expect((await ask(engine, goOn(begin('people'), first.text))).usage!.cachedTokens).toBe(0);
	});
});

describe('a conversation whose model was unloaded', () => {
	it('is on disk, for its owner alone, and goes on as if all of it had been read', async () => {
		const root = newRoot();
		const next = await leaveOnDisk(root);
		const [file] = stateFiles(root);
		expect(statSync(root).mode & 0o777).toBe(0o700);
		expect(statSync(file!).mode & 0o777).toBe(0o600);
		const engine = await open(root);
		const again = await ask(engine, next, { conversation: 'one' });
		expect(again.usage!.cachedTokens).toBeGreaterThan(100);
		expect(again.text).toBe(await fresh(next));
		expect((await engine.stats()).kept).toMatchObject({ restoredFromDisk: 1 });
	});

	it('is not on disk without a conversation to go with, nor where that is turned off', async () => {
		const root = newRoot();
		const engine = await open(root);
		await ask(engine, begin('people'));
		await close(engine);
		expect(stateFiles(root)).toEqual([]);
		const off = await open(root, { diskBytes: 0 });
		await ask(off, begin('people'), { conversation: 'one' });
		await close(off);
		expect(stateFiles(root)).toEqual([]);
	});

	it('is read again where the model was opened in another way', async () => {
		const root = newRoot();
		const next = await leaveOnDisk(root);
		const engine = await open(root, {}, { slots: 2 });
		expect((await ask(engine, next, { conversation: 'one' })).usage!.cachedTokens).toBe(0);
	});

	it.each<[string, (path: string) => void]>([
		['a changed byte', (path) => {
			const bytes = readFileSync(path);
			bytes[bytes.length >> 1]! ^= 1;
			writeFileSync(path, bytes);
		}],
		['a cut end', (path) => truncateSync(path, statSync(path).size - 100)],
		['a cut middle', (path) => {
			const bytes = readFileSync(path);
			writeFileSync(path, Buffer.concat([bytes.subarray(0, 4000), bytes.subarray(9000)]));
		}],
		['another content', (path) => writeFileSync(path, 'no state')],
		['nothing in it', (path) => writeFileSync(path, '')],
		['more at its end', (path) => appendFileSync(path, 'more')]
	])('is read again when its file has %s, which is then removed', async (_what, harm) => {
		const root = newRoot();
		const next = await leaveOnDisk(root);
		const [file] = stateFiles(root);
		harm(file!);
		const engine = await open(root);
		const again = await ask(engine, next, { conversation: 'one' });
		expect(again.usage!.cachedTokens).toBe(0);
		expect(stateFiles(root)).toEqual([]);
	});

	it('is not tried a second time when the first ended the engine', async () => {
		const root = newRoot();
		const next = await leaveOnDisk(root);
		writeFileSync(`${stateFiles(root)[0]!}.trying`, '');
		const engine = await open(root);
		expect((await ask(engine, next, { conversation: 'one' })).usage!.cachedTokens).toBe(0);
		expect(stateFiles(root)).toEqual([]);
	});
});

describe('the files', () => {
	it('are bounded: the oldest go, and what engines left behind', async () => {
		const root = newRoot();
		for (const [index, conversation] of ['one', 'two', 'three'].entries()) {
			const engine = await open(root);
			await ask(engine, begin(['people', 'water', 'time'][index]!), { conversation });
			await close(engine);
		}
		const { states, bytes } = await measureStates(root);
		expect(states).toBe(3);
		mkdirSync(join(root, 'scratch-999999999-x'));
		const kept = await sweepStates(root, Math.ceil((bytes / 3) * 2.2));
		expect(kept.states).toBe(2);
		expect(await measureStates(root, 'tiny')).toEqual(kept);
		expect(readdirSync(root).filter((name) => name.startsWith('scratch'))).toEqual([]);
		expect(await sweepStates(root, 0)).toEqual({ states: 0, bytes: 0 });
	});

	it('go with their conversation, their user, their model, and when nobody knows them', async () => {
		const left = async (remove: (root: string) => Promise<void>) => {
			const root = newRoot();
			await leaveOnDisk(root);
			await remove(root);
			return stateFiles(root).length;
		};
		expect(await left((root) => removeStatesOf(root, { user: 'anna', conversation: 'two' }))).toBe(1);
		expect(await left((root) => removeStatesOf(root, { user: 'anna', conversation: 'one' }))).toBe(0);
		expect(await left((root) => removeStatesOf(root, { user: 'bert' }))).toBe(1);
		expect(await left((root) => removeStatesOf(root, { user: 'anna' }))).toBe(0);
		expect(await left((root) => removeStatesOfModel(root, 'other'))).toBe(1);
		expect(await left((root) => removeStatesOfModel(root, 'tiny'))).toBe(0);
		expect(await left((root) => removeStrangers(root, [{ user: 'anna', conversation: 'one' }]))).toBe(1);
		expect(await left((root) => removeStrangers(root, []))).toBe(0);
	});
});
