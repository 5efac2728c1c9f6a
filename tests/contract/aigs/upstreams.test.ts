import Database from 'better-sqlite3';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startFakeLmStudio, type FakeLmStudio } from '../../support/fake-lm-studio/fake-lm-studio.ts';
import { tinyModel } from '../../support/models.ts';
import { signIn, type SignedIn } from '../../support/sign-in.ts';
import { startServer, type RunningServer } from '../../support/start-server.ts';
import { trpcClient } from '../../support/trpc-client.ts';

let lmStudio: FakeLmStudio;
let lab: FakeLmStudio;
let server: RunningServer;
let admin: SignedIn;
let trpc: ReturnType<typeof trpcClient>;

beforeAll(async () => {
	lmStudio = await startFakeLmStudio({ name: 'studio' });
	lab = await startFakeLmStudio({ name: 'lab', api: 'openai', apiKey: 'sk-lab', models: [{ key: 'lab-model' }] });
	server = await startServer({ LM_STUDIO_URL: `${lmStudio.url}/v1/`, RATE_LIMIT_USER: '0' });
	admin = await signIn(server);
	trpc = trpcClient(server, admin);
});
afterEach(async () => {
	for (const { id, builtIn } of await trpc.upstreams.list.query()) if (!builtIn) await trpc.upstreams.remove.mutate({ id });
	await lmStudio.set({ reset: true, name: 'studio' });
	await eventually(async () => expect((await listed()).map(({ id }) => id)).toContain('qwen3-4b'));
});
afterAll(async () => {
	await server.stop();
	await Promise.all([lmStudio.stop(), lab.stop()]);
});

const post = (path: string, body: object, signal?: AbortSignal) => admin.fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body), ...(signal ? { signal } : {}) });
const ask = (model: string, more: object = {}, signal?: AbortSignal) => post('/api/chat', { model, messages: [{ role: 'user', content: 'hello' }], stream: false, store: false, ...more }, signal);
const wordsOf = async (response: Response) => ((await response.json()) as { choices: [{ message: { content: string } }] }).choices[0].message.content;
const listed = async (): Promise<{ id: string; ownedBy: string; created: number }[]> => (await admin.fetch('/api/models')).json() as never;
const addLab = () => trpc.upstreams.create.mutate({ name: 'lab', baseUrl: lab.url, apiKey: 'sk-lab' });

/** Tries until it holds, for a few seconds. */
async function eventually(what: () => Promise<void>): Promise<void> {
	const until = performance.now() + 8000;
	for (;;) {
		try {
			return await what();
		} catch (error) {
			if (performance.now() > until) throw error;
			await new Promise((resolve) => setTimeout(resolve, 100));
		}
	}
}

describe('the one list of models', () => {
	it('holds LM Studio’s in both documents’ shapes, with a date and running', async () => {
		expect(await listed()).toEqual([{ id: 'qwen3-4b', object: 'model', created: expect.any(Number), ownedBy: 'lm-studio' }]);
		expect((await listed())[0]!.created).toBeGreaterThan(1_600_000_000);
		expect(await (await admin.fetch('/api/models?view=registry')).json()).toEqual({ count: 1, models: [{ name: 'qwen3-4b', description: 'qwen3-4b', status: 'running', version: '' }] });
	});

	it('is asked for without loading any', async () => {
		await lmStudio.set({ models: [{ key: 'cold', loaded: false }] });
		await eventually(async () => expect((await listed()).map(({ id }) => id)).toEqual(['cold']));
		const { chats, instances } = await lmStudio.counts();
		expect([chats.filter(({ body }) => body.model === 'cold'), instances]).toEqual([[], { cold: 0 }]);
	});

	it('gives a local model the name, and LM Studio’s twin lm-studio/ before it', async () => {
		await lmStudio.set({ models: [{ key: 'tiny' }] });
		await post('/api/models', { models: [{ name: 'tiny', path: tinyModel(server.modelsDir) }] });
		await eventually(async () => expect((await listed()).map(({ id, ownedBy }) => [id, ownedBy])).toEqual([['tiny', 'local'], ['lm-studio/tiny', 'lm-studio']]));
		expect(await wordsOf(await ask('lm-studio/tiny'))).toBe('studio says hello');
		await trpc.models.remove.mutate({ name: 'tiny' });
	});

	it('waits at most 2 s for an upstream that does not tell, on the first question', async () => {
		await lmStudio.set({ lists: 'hang' });
		const second = await startServer({ LM_STUDIO_URL: lmStudio.url });
		const startedAt = performance.now();
		const response = await fetch(`${second.url}/api/models`);
		expect(await response.json()).toEqual({ count: 0, models: [] });
		expect(performance.now() - startedAt).toBeLessThan(3000);
		await second.stop();
	});
});

describe('LM Studio', () => {
	it('answers a chat of document B’s shape', async () => {
		const response = await ask('qwen3-4b', { stream: true });
		expect(response.headers.get('content-type')).toContain('text/event-stream');
		const frames = (await response.text()).split('\n\n').filter((frame) => frame.startsWith('data: ')).map((frame) => frame.slice(6));
		expect(frames.at(-1)).toBe('[DONE]');
		expect(frames.slice(0, -1).map((frame) => (JSON.parse(frame) as { choices: [{ delta: { content?: string } }] }).choices[0].delta.content ?? '').join('')).toBe('studio says hello');
	});

	it('keeps its own defaults unless a parameter was set here', async () => {
		await ask('qwen3-4b');
		expect(Object.keys((await lmStudio.counts()).chats.at(-1)!.body).sort()).toEqual(['messages', 'model', 'stream', 'stream_options']);
		await admin.fetch('/api/parameters/model/temperature', { method: 'PUT', headers: { 'content-type': 'application/json' }, body: '{"value":0.25}' });
		await ask('qwen3-4b');
		expect((await lmStudio.counts()).chats.at(-1)!.body.temperature).toBe(0.25);
	});

	it('being down is a state: 502 for its models, and they leave the list until it is back', async () => {
		await lmStudio.kill();
		const response = await ask('qwen3-4b');
		expect([response.status, await response.json()]).toMatchObject([502, { code: 'UPSTREAM_UNAVAILABLE', detail: 'The upstream lm-studio is not running: it refuses connections' }]);
		await eventually(async () => expect(await listed()).toEqual([]));
		await lmStudio.restart();
		await eventually(async () => expect((await listed()).map(({ id }) => id)).toEqual(['qwen3-4b']));
		await eventually(async () => expect((await ask('qwen3-4b')).status).toBe(200));
	});

	it('hanging before its head is 504 after the load time-out', async () => {
		const put = (value: number) => admin.fetch('/api/parameters/system/loadTimeout', { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ value }) });
		expect((await put(5)).status).toBe(200);
		await lmStudio.set({ fault: 'hang' });
		const response = await ask('qwen3-4b');
		expect([response.status, await response.json()]).toMatchObject([504, { code: 'TIMEOUT', detail: expect.stringContaining('lm-studio') }]);
		await put(300);
	});

	it.each([
		['before a word', { fault: 'hang' as const }],
		['in the middle', { tokenMs: 20, reply: Array.from({ length: 500 }, () => 'word ') }]
	])('is left when the client leaves %s', async (_when, behaviour) => {
		await lmStudio.set(behaviour);
		const controller = new AbortController();
		const left = ask('qwen3-4b', { stream: true }, controller.signal).then((response) => response.text()).catch(() => 'left');
		await eventually(async () => expect((await lmStudio.counts()).active).toBe(1));
		controller.abort();
		expect(await left).toBe('left');
		await eventually(async () => expect((await lmStudio.counts()).active).toBe(0));
	});
});

describe('further upstreams', () => {
	it('are added by an administrator and answer at once', async () => {
		const added = await addLab();
		expect(added).toMatchObject({ name: 'lab', kind: 'openai-compatible', builtIn: false, private: { baseUrl: lab.url, hasApiKey: true } });
		expect((await listed()).map(({ id, ownedBy }) => [id, ownedBy])).toEqual([['qwen3-4b', 'lm-studio'], ['lab-model', 'lab']]);
		expect(await wordsOf(await ask('lab-model'))).toBe('lab says hello');
		expect((await lab.counts()).chats.at(-1)!.authorization).toBe('Bearer sk-lab');
		expect((await trpc.upstreams.list.query()).map(({ name, health, models }) => [name, health, models.length])).toEqual([['lm-studio', 'up', 1], ['lab', 'up', 1]]);
	});

	it('keep their key to themselves: encrypted on the disk, in no answer, no log and no audit entry', async () => {
		await addLab();
		const answers = JSON.stringify([await trpc.upstreams.list.query(), await trpc.audit.list.query({})]);
		expect(answers + server.output()).not.toContain('sk-lab');
		const database = new Database(join(server.dataDir, 'llama-runner.sqlite'), { readonly: true });
		const { api_key } = database.prepare('SELECT api_key FROM upstreams').get() as { api_key: string };
		database.close();
		expect(api_key).toMatch(/^v1\.[\w-]{40,}$/);
		expect(statSync(join(server.dataDir, 'upstream-keys.secret')).mode & 0o077).toBe(0);
	});

	it('survive a restart with their key', async () => {
		await addLab();
		await server.stop({ keepData: true });
		server = await startServer({ LM_STUDIO_URL: lmStudio.url, RATE_LIMIT_USER: '0', DATA_DIR: server.dataDir });
		admin = await signIn(server);
		trpc = trpcClient(server, admin);
		expect(await wordsOf(await ask('lab-model'))).toBe('lab says hello');
	});

	it('lose their key when they are sent to another host', async () => {
		const { id } = await addLab();
		expect((await trpc.upstreams.update.mutate({ id, name: 'moved' })).private).toMatchObject({ hasApiKey: true });
		expect((await trpc.upstreams.update.mutate({ id, baseUrl: lmStudio.url })).private).toMatchObject({ baseUrl: lmStudio.url, hasApiKey: false });
		expect(await trpc.upstreams.test.mutate({ id })).toMatchObject({ health: 'up' });
	});

	it('are tested on demand, with what is wrong', async () => {
		const { id } = await trpc.upstreams.create.mutate({ name: 'lab', baseUrl: lab.url, apiKey: 'wrong' });
		const tested = await trpc.upstreams.test.mutate({ id });
		expect(tested).toMatchObject({ health: 'down', private: { error: expect.stringContaining('credentials') } });
	});

	it('switched off have no models and are not asked', async () => {
		const { id } = await addLab();
		expect(await listed()).toHaveLength(2);
		await trpc.upstreams.update.mutate({ id, enabled: false });
		expect(await listed()).toHaveLength(1);
		expect((await ask('lab-model')).status).toBe(404);
	});

	it.each([
		[{ name: 'Lab!', baseUrl: 'http://127.0.0.1:1' }, 'name'],
		[{ name: 'lab', baseUrl: 'ftp://127.0.0.1' }, 'http:// or https://'],
		[{ name: 'lab', baseUrl: 'file:///etc/passwd' }, 'http:// or https://'],
		[{ name: 'lab', baseUrl: 'http://user:word@127.0.0.1' }, 'must not hold a name or password'],
		[{ name: 'lab', baseUrl: 'nonsense' }, 'must be a URL'],
		[{ name: 'lab', baseUrl: 'http://127.0.0.1:1', apiKey: 'a\r\nb' }, 'apiKey'],
		[{ name: 'lm-studio', baseUrl: 'http://127.0.0.1:1' }, 'taken'],
		[{ name: 'local', baseUrl: 'http://127.0.0.1:1' }, 'taken']
	])('are refused as %j', async (input, words) => {
		await expect(trpc.upstreams.create.mutate(input)).rejects.toMatchObject({ data: { httpStatus: expect.toSatisfy((status) => status === 400 || status === 409) }, message: expect.anything() });
		const failure = await trpc.upstreams.create.mutate(input).catch((error: { message: string; data: { errors: string[] } }) => `${error.message} ${error.data.errors.join(' ')}`);
		expect(failure).toContain(words);
	});

	it('the one of LM_STUDIO_URL is the environment’s to change', async () => {
		await expect(trpc.upstreams.update.mutate({ id: 'lm-studio', baseUrl: lab.url })).rejects.toThrow('LM_STUDIO_URL');
		await expect(trpc.upstreams.remove.mutate({ id: 'lm-studio' })).rejects.toThrow('LM_STUDIO_URL');
	});

	it('a user sees that they answer, and nothing more', async () => {
		await addLab();
		await trpc.users.create.mutate({ username: 'ann', password: 'correct horse battery' });
		const theirs = trpcClient(server, await signIn(server, 'ann', 'correct horse battery'));
		const shown = await theirs.upstreams.list.query();
		expect(shown.map(({ name, health }) => [name, health])).toEqual([['lm-studio', 'up'], ['lab', 'up']]);
		expect(JSON.stringify(shown)).not.toContain('127.0.0.1');
		const [, { id }] = shown as [unknown, { id: string }];
		for (const attempt of [
			() => theirs.upstreams.create.mutate({ name: 'mine', baseUrl: 'http://127.0.0.1:1' }),
			() => theirs.upstreams.update.mutate({ id, baseUrl: 'http://127.0.0.1:1' }),
			() => theirs.upstreams.test.mutate({ id }),
			() => theirs.upstreams.remove.mutate({ id })
		])
			await expect(attempt()).rejects.toMatchObject({ data: { appCode: 'FORBIDDEN' } });
		await expect(trpcClient(server, { token: 'none' }).upstreams.list.query()).rejects.toMatchObject({ data: { appCode: 'UNAUTHORIZED' } });
	});

	it('an address in a chat request is nobody’s business', async () => {
		await ask('qwen3-4b', { base_url: lab.url, api_base: lab.url, baseUrl: lab.url, upstream: 'lab' });
		expect(JSON.stringify((await lmStudio.counts()).chats.at(-1)!.body)).not.toContain(lab.url);
	});
});
