import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DiscoveryNews, ModelsEvent } from '#lib/contract/models.ts';
import { call } from '../../support/call.ts';
import { projectorFile, stubGguf, tinyModel } from '../../support/models.ts';
import { signIn, type SignedIn } from '../../support/sign-in.ts';
import { startServer, type RunningServer } from '../../support/start-server.ts';
import { trpcSocket, type TrpcSocket } from '../../support/trpc-client.ts';

let server: RunningServer;
let socket: TrpcSocket;
let admin: SignedIn;
const trpc = () => socket.client;
const at = (...parts: string[]) => join(server.modelsDir, ...parts);
const register = (name: string, path = tinyModel(server.modelsDir)) => trpc().models.register.mutate({ models: [{ name, path }] });

/** What a subscription says, until `enough` of it; fails with its error. */
function gather<T>(subscribe: (handlers: { onData: (row: T) => void; onError: (error: unknown) => void; onComplete: () => void }) => { unsubscribe: () => void }, enough: (rows: T[]) => boolean): Promise<T[]> {
	const rows: T[] = [];
	return new Promise((resolve, reject) => {
		const subscription = subscribe({
			onData(row) {
				rows.push(row);
				if (!enough(rows)) return;
				subscription.unsubscribe();
				resolve(rows);
			},
			onError: reject,
			onComplete: () => resolve(rows)
		});
	});
}
const discovery = (paths: string[], enough: (rows: DiscoveryNews[]) => boolean) => gather<DiscoveryNews>((handlers) => trpc().models.discoverLive.subscribe({ paths }, handlers), enough);
const news = (enough: (rows: ModelsEvent[]) => boolean) => gather<ModelsEvent>((handlers) => trpc().models.live.subscribe(undefined, handlers), enough);

beforeAll(async () => {
	server = await startServer({ RATE_LIMIT_IP: '0', RATE_LIMIT_USER: '0' });
	admin = await signIn(server);
	socket = trpcSocket(server, { token: admin.token });
});
afterAll(async () => {
	await socket.close();
	await server.stop();
});
beforeEach(async () => {
	for (const { name } of await trpc().models.list.query()) await trpc().models.remove.mutate({ name });
	rmSync(server.modelsDir, { recursive: true });
	mkdirSync(server.modelsDir);
});

describe('the models of the typed client', () => {
	it('are told with all that a page shows', async () => {
		await register('tiny');
		await trpc().models.update.mutate({ name: 'tiny', aliases: ['small'], description: 'Mine' });
		expect(await trpc().models.list.query()).toEqual([
			{
				name: 'tiny', description: 'Mine', status: 'stopped', version: '', source: 'local', family: 'llama', quantization: 'F16', sizeBytes: expect.any(Number), parameterCount: expect.any(Number),
				contextLength: 2048, createdAt: expect.any(Date), error: null,
				local: { aliases: ['small'], pinned: false, missing: false, purpose: 'generate', hasChatTemplate: true, lastUsedAt: null, builtIn: false }
			}
		]);
	});

	it('answer to an alias, and in another case', async () => {
		await register('Tiny');
		await trpc().models.update.mutate({ name: 'Tiny', aliases: ['gpt-4o'] });
		for (const name of ['gpt-4o', 'tiny', 'TINY:latest']) expect(await trpc().models.load.mutate({ name })).toEqual({ name: 'Tiny', status: 'running' });
		await expect(trpc().models.load.mutate({ name: 'gpt-4' })).rejects.toMatchObject({ data: { appCode: 'MODEL_NOT_FOUND' } });
	});

	it('know when they were last used', async () => {
		await register('tiny');
		expect((await trpc().models.list.query())[0]!.local!.lastUsedAt).toBeNull();
		const chat = { model: 'tiny', stream: false, max_tokens: 2, messages: [{ role: 'user', content: 'Hello' }] };
		expect((await call(server, 'POST', '/api/chat', chat, { authorization: `Bearer ${admin.token}` })).status).toBe(200);
		const { lastUsedAt } = (await trpc().models.list.query())[0]!.local!;
		expect(Math.abs(lastUsedAt!.getTime() - Date.now())).toBeLessThan(10_000);
	});

	it('have details: all metadata within bounds, and the template', async () => {
		await register('tiny', tinyModel(server.modelsDir, { metadata: { 'general.license': 'x'.repeat(10_000) } }));
		const details = await trpc().models.details.query({ name: 'tiny' });
		expect(details).toMatchObject({ name: 'tiny', file: at('tiny.gguf'), architecture: 'llama', ggufVersion: 3, vocabularySize: 1280, chatTemplate: expect.stringContaining('<|im_start|>') });
		const value = (key: string) => details.metadata.find((entry) => entry.key === key);
		expect(value('llama.context_length')).toEqual({ key: 'llama.context_length', value: 2048, length: null });
		expect((value('general.license')!.value as string).length).toBe(4001);
		expect(value('tokenizer.ggml.tokens')).toEqual({ key: 'tokenizer.ggml.tokens', value: [], length: 1280 });
		expect(JSON.stringify(details).length).toBeLessThan(50_000);
	});

	it('do not tell who is no administrator where their files lie', async () => {
		await register('tiny');
		const { body } = await call(server, 'GET', `/trpc/models.details?input=${encodeURIComponent(JSON.stringify({ json: { name: 'tiny' } }))}`);
		expect(body.result.data.json.file).toBe('tiny.gguf');
		expect(JSON.stringify(body)).not.toContain(server.modelsDir);
	});

	it('have an estimate, by what is asked for and what this machine has', async () => {
		await register('tiny');
		const plan = await trpc().models.estimate.query({ name: 'tiny', contextLength: 1024, slots: 2, kvCacheType: 'f16' });
		expect(plan).toMatchObject({ name: 'tiny', asked: { contextLength: 1024, slots: 2, kvCacheType: 'f16' }, verdict: 'fits', opens: { contextLength: 1024, slots: 2 }, unloads: [], explanation: null });
		// 4 layers × 2 heads × 32 elements, keys and values, 2 bytes, 2,048 tokens.
		expect(plan.needs.cache).toBe(4 * 2 * 32 * 2 * 2 * 2048);
		expect(plan.needs.total).toBe(plan.needs.weights + plan.needs.cache + plan.needs.process);
		expect(plan.machine.totalBytes).toBeGreaterThan(plan.machine.freeBytes);
		const small = await trpc().models.estimate.query({ name: 'tiny', contextLength: 1024, slots: 2, kvCacheType: 'q4_0' });
		expect(small.needs.cache).toBeLessThan(plan.needs.cache / 3);
	});

	it('tell what each needs as configured, and again when that changes', async () => {
		await register('one');
		await register('two');
		const needs = await trpc().models.needs.query();
		expect(needs.map(({ name }) => name).sort()).toEqual(['one', 'two']);
		for (const { name, bytes } of needs) expect(bytes).toBe((await trpc().models.estimate.query({ name })).needs.total);
		await trpc().parameters.set.mutate({ name: 'contextLength', value: 512 });
		const [first] = await trpc().models.needs.query();
		expect(first!.bytes).toBeLessThan(needs[0]!.bytes);
		await trpc().parameters.reset.mutate({ names: ['contextLength'] });
	});

	it('say in the estimate who would have to go, and when nothing helps', async () => {
		await register('one');
		await register('two');
		await trpc().config.update.mutate({ models: { maxConcurrent: 1 } });
		await trpc().models.load.mutate({ name: 'one' });
		expect(await trpc().models.estimate.query({ name: 'two' })).toMatchObject({ verdict: 'makesRoom', unloads: ['one'], loaded: [{ name: 'one', pinned: false }] });
		await trpc().models.pin.mutate({ name: 'one', pinned: true });
		expect(await trpc().models.estimate.query({ name: 'two' })).toMatchObject({ verdict: 'waits', unloads: [] });
		await trpc().config.update.mutate({ models: { maxConcurrent: 3 } });
		expect(await trpc().models.estimate.query({ name: 'two' })).toMatchObject({ verdict: 'fits' });
		await trpc().parameters.set.mutate({ name: 'memoryReserve', value: 1_048_576 });
		expect(await trpc().models.estimate.query({ name: 'two' })).toMatchObject({ verdict: 'tooLarge', opens: null, explanation: expect.stringContaining('does not fit into memory') });
		await trpc().parameters.reset.mutate({ names: ['memoryReserve'] });
	});

	it('are offered when they lie in the folder and are not registered, under names that are free', async () => {
		const path = tinyModel(server.modelsDir);
		await register('tiny', path);
		mkdirSync(at('a'));
		mkdirSync(at('b'));
		for (const folder of ['a', 'b']) tinyModel(at(folder));
		projectorFile(server.modelsDir);
		expect(await trpc().models.offered.query()).toMatchObject([
			{ name: 'tiny-2', path: at('a', 'tiny.gguf'), family: 'llama', quantization: 'F16', contextLength: 2048, hasChatTemplate: true },
			{ name: 'tiny-3', path: at('b', 'tiny.gguf') }
		]);
	});
});

describe('a discovery that is followed', () => {
	it('tells how far it is, what it found, and why the rest are no models', async () => {
		for (let i = 0; i < 100; i++) writeFileSync(at(`llama-3-${i}.gguf`), stubGguf());
		writeFileSync(at('text.gguf'), 'no model');
		const rows = await discovery([server.modelsDir], () => false);
		expect(rows.at(-1)).toMatchObject({ folders: 1, files: 101, filesRead: 101, done: true, truncated: false });
		expect(rows.flatMap((row) => row.found).map((model) => model.name)).toHaveLength(100);
		expect(rows.flatMap((row) => row.skipped)).toEqual([{ path: at('text.gguf'), reason: expect.stringContaining('not a GGUF file') }]);
		expect(rows.slice(0, -1).every((row) => !row.done)).toBe(true);
	});

	it('tells what is registered already, and gives the rest names that are free; without paths it looks into the models folders', async () => {
		await register('mine', tinyModel(server.modelsDir));
		tinyModel(server.modelsDir, { fileName: 'mine.gguf' });
		const rows = await gather<DiscoveryNews>((handlers) => trpc().models.discoverLive.subscribe({}, handlers), () => false);
		expect(rows.flatMap((row) => row.found)).toMatchObject([
			{ name: 'mine-2', path: at('mine.gguf'), registeredAs: null },
			{ name: 'mine', path: at('tiny.gguf'), registeredAs: 'mine' }
		]);
	});

	it('refuses what the other discovery refuses', async () => {
		await expect(discovery([], () => true)).rejects.toMatchObject({ data: { appCode: 'VALIDATION_ERROR' } });
	});
});

describe('models.live', () => {
	it('tells of a load from its start to its end', async () => {
		await register('tiny');
		const seen = new Set<string>();
		const told = news((rows) => {
			const last = rows.at(-1)!;
			if (last.type === 'states') for (const model of last.models) if (model.name === 'tiny') seen.add(model.status);
			return seen.has('loading') && seen.has('running');
		});
		await trpc().models.load.mutate({ name: 'tiny' });
		const last = (await told).at(-1)!;
		expect(last).toMatchObject({ type: 'states', models: [{ name: 'tiny', status: 'running', slots: 4, slotsBusy: 0, opened: { batchSize: 512 }, loadedAt: expect.any(Date) }] });
		expect(JSON.stringify(last)).not.toContain('"key"');
	});

	it('agrees with the list about a model whose file is gone', async () => {
		await register('tiny');
		await trpc().models.load.mutate({ name: 'tiny' });
		await trpc().models.unload.mutate({ name: 'tiny' });
		const told = news((rows) => rows.some((row) => row.type === 'states' && row.models.some((model) => model.name === 'tiny' && model.status === 'error')));
		rmSync(at('tiny.gguf'));
		await told;
	});

	it('says when the list has changed: by a call, by a file that came, by one that went', async () => {
		const change = () => news((rows) => rows.some((row) => row.type === 'list'));
		const settle = () => new Promise((resolve) => setTimeout(resolve, 300));
		const registered = change();
		await settle();
		await register('tiny');
		await registered;
		const came = change();
		await settle();
		writeFileSync(at('new.gguf'), stubGguf());
		await came;
		const went = change();
		await settle();
		renameSync(at('tiny.gguf'), at('moved'));
		await went;
		while (!(await trpc().models.list.query())[0]!.local!.missing) await settle();
		expect(await trpc().models.list.query()).toMatchObject([{ name: 'tiny', status: 'error', error: expect.stringContaining('gone') }]);
	});
});

describe('other open pages', () => {
	it('hear of a changed configuration', async () => {
		const told = gather<{ models: { maxConcurrent: number } }>((handlers) => trpc().config.live.subscribe(undefined, handlers), (rows) => rows.length === 2);
		await new Promise((resolve) => setTimeout(resolve, 300));
		await trpc().config.update.mutate({ models: { maxConcurrent: 9 } });
		expect((await told).map((row) => row.models.maxConcurrent)).toEqual([3, 9]);
		await trpc().config.update.mutate({ models: { maxConcurrent: 3 } });
	});

	it('hear of changed parameters, for all and for one model', async () => {
		await register('tiny');
		const told = gather((handlers) => trpc().parameters.live.subscribe(undefined, handlers), (rows) => rows.length === 2);
		await new Promise((resolve) => setTimeout(resolve, 300));
		expect(await trpc().parameters.set.mutate({ name: 'temperature', value: 0.1, model: 'tiny' })).toMatchObject({ value: 0.1, source: 'model' });
		await told;
		expect(await trpc().parameters.get.query({ name: 'temperature', model: 'tiny' })).toMatchObject({ value: 0.1, source: 'model' });
		expect(await trpc().parameters.get.query({ name: 'temperature' })).toMatchObject({ value: 0.7, source: 'default' });
		expect(await trpc().parameters.reset.mutate({ model: 'tiny' })).toEqual({ reset: ['temperature'] });
		expect(await trpc().parameters.get.query({ name: 'temperature', model: 'tiny' })).toMatchObject({ value: 0.7, source: 'default' });
		await expect(trpc().parameters.set.mutate({ name: 'temperature', value: 0.1, model: 'none' })).rejects.toMatchObject({ data: { appCode: 'MODEL_NOT_FOUND' } });
		await expect(trpc().parameters.set.mutate({ name: 'logLevel', value: 'warn', model: 'tiny' })).rejects.toMatchObject({ data: { appCode: 'VALIDATION_ERROR' } });
	});

	it('see the environment, but nothing secret of it', async () => {
		const shown = await trpc().config.environment.query();
		expect(shown.find((setting) => setting.name === 'RATE_LIMIT_IP')).toEqual({ name: 'RATE_LIMIT_IP', value: '0', given: true, secret: false });
		expect(shown.find((setting) => setting.name === 'JWT_SECRET')).toEqual({ name: 'JWT_SECRET', value: '', given: false, secret: true });
		expect((await call(server, 'GET', '/trpc/config.environment')).status).toBe(401);
	});
});
