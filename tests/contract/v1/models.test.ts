import OpenAI, { NotFoundError } from 'openai';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startFakeLmStudio, type FakeLmStudio } from '../../support/fake-lm-studio/fake-lm-studio.ts';
import { tinyModel } from '../../support/models.ts';
import { signIn, type SignedIn } from '../../support/sign-in.ts';
import { startServer, type RunningServer } from '../../support/start-server.ts';

let fake: FakeLmStudio;
let server: RunningServer;
let admin: SignedIn;
let client: OpenAI;

beforeAll(async () => {
	fake = await startFakeLmStudio({ models: [{ key: 'qwen3-4b', loaded: true, contextLength: 8192 }, { key: 'org/with/slashes' }, { key: 'tiny' }] });
	server = await startServer({ LM_STUDIO_URL: fake.url, RATE_LIMIT_USER: '0' });
	admin = await signIn(server);
	client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: admin.token, maxRetries: 0 });
	const registered = await admin.fetch('/api/models', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ models: [{ name: 'tiny', path: tinyModel(server.modelsDir) }] }) });
	expect(registered.status).toBe(200);
});
afterAll(async () => {
	await server.stop();
	await fake.stop();
});

it('lists local models and the upstream’s, each by a name of its own', async () => {
	const models = [];
	for await (const model of client.models.list()) models.push(model);
	expect(models.map(({ id, owned_by }) => [id, owned_by])).toEqual([
		['tiny', 'local'],
		['qwen3-4b', 'lm-studio'],
		['org/with/slashes', 'lm-studio'],
		['lm-studio/tiny', 'lm-studio']
	]);
	expect(models.every((model) => model.object === 'model' && Number.isInteger(model.created) && model.created > 1_600_000_000)).toBe(true);
});

it.each(['org/with/slashes', 'org%2Fwith%2Fslashes', 'lm-studio/tiny'])('gives one by its id, written %s', async (path) => {
	const response = await admin.fetch(`/v1/models/${path}`);
	expect([response.status, await response.json()]).toMatchObject([200, { id: decodeURIComponent(path), object: 'model', owned_by: 'lm-studio' }]);
});

it('gives one to the client, with the context that is loaded', async () => {
	expect(await client.models.retrieve('qwen3-4b')).toMatchObject({ id: 'qwen3-4b', context_length: 8192 });
	expect(await client.models.retrieve('org/with/slashes')).toMatchObject({ id: 'org/with/slashes' });
});

it('has no other', async () => {
	await expect(client.models.retrieve('nope')).rejects.toBeInstanceOf(NotFoundError);
});
