import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call } from '../../support/call.ts';
import { tinyModel } from '../../support/models.ts';
import { startServer, type RunningServer } from '../../support/start-server.ts';

let server: RunningServer;
const get = async () => (await call(server, 'GET', '/api/config')).body;
const post = (body: unknown) => call(server, 'POST', '/api/config', body);
const load = (name: string) => call(server, 'POST', '/trpc/models.load', { json: { name } });
const running = async () => (await call(server, 'GET', '/api/models')).body.models.filter((model: { status: string }) => model.status === 'running').map((model: { name: string }) => model.name);

beforeAll(async () => {
	server = await startServer({ RATE_LIMIT_IP: '0' });
	const path = tinyModel(server.modelsDir);
	await call(server, 'POST', '/api/models', { models: ['llama-2-7b-chat', 'mistral-7b'].map((name) => ({ name, path })) });
});
afterAll(() => server.stop());

describe('/api/config', () => {
	it('answers document A\'s two sections exactly, with the port that is really listened on', async () => {
		const answer = await call(server, 'GET', '/api/config');
		expect(answer.status).toBe(200);
		expect(answer.body).toEqual({ app: { name: 'Llama Runner Async Proxy', version: '0.1.0', port: server.port }, models: { defaultModel: null, maxConcurrent: 3 } });
	});

	it('merges a change, as printed, and answers with the whole and a message', async () => {
		const answer = await post({ models: { defaultModel: 'mistral-7b', maxConcurrent: 5 } });
		expect(answer.status).toBe(200);
		expect(answer.body).toEqual({ app: { name: 'Llama Runner Async Proxy', version: '0.1.0', port: server.port }, models: { defaultModel: 'mistral-7b', maxConcurrent: 5 }, message: expect.any(String) });
		expect((await post({ models: { maxConcurrent: 4 } })).body.models).toEqual({ defaultModel: 'mistral-7b', maxConcurrent: 4 });
		expect((await post({ models: { defaultModel: null } })).body.models).toEqual({ defaultModel: null, maxConcurrent: 4 });
		expect((await post({})).status).toBe(200);
		expect(await get()).toMatchObject({ models: { defaultModel: null, maxConcurrent: 4 } });
	});

	it('lets app pass where it says what is, and nothing else', async () => {
		const { app } = await get();
		expect((await post({ app, models: { maxConcurrent: 3 } })).status).toBe(200);
		expect((await post({ app: { port: server.port } })).status).toBe(200);
		for (const change of [{ name: 'Other' }, { version: '9' }, { port: 1 }])
			expect(await post({ app: change, models: { maxConcurrent: 64 } })).toMatchObject({ status: 400, body: { code: 'VALIDATION_ERROR', errors: [expect.stringMatching(/^app\.\w+ can only be read$/)] } });
		expect(await get()).toMatchObject({ app, models: { maxConcurrent: 3 } });
	});

	it.each([
		['an unknown section', { server: {} }, 'server'],
		['an unknown member', { models: { maxConcurent: 5 } }, 'models.maxConcurent'],
		['an unknown member of app', { app: { host: 'x' } }, 'app.host'],
		['a prototype key', { constructor: {} }, 'constructor'],
		['a text for a number', { models: { maxConcurrent: '5' } }, 'models.maxConcurrent must be a whole number from 1 to 64'],
		['none', { models: { maxConcurrent: 0 } }, 'from 1 to 64'],
		['too many', { models: { maxConcurrent: 65 } }, 'from 1 to 64'],
		['a part', { models: { maxConcurrent: 2.5 } }, 'from 1 to 64'],
		['a number for a model', { models: { defaultModel: 5 } }, 'models.defaultModel must be'],
		['a model that is not there', { models: { defaultModel: 'none', maxConcurrent: 9 } }, 'there is no model "none"'],
		['an empty name', { models: { defaultModel: '' } }, 'there is no model ""'],
		['a section of another type', { models: [] }, 'models must be an object'],
		['a list', [], 'must be an object'],
		['null', null, 'must be an object'],
		['no body', undefined, 'must be an object']
	])('refuses %s and changes nothing', async (_what, body, words) => {
		const before = await get();
		const answer = await post(body);
		expect(answer).toMatchObject({ status: 400, body: { code: 'VALIDATION_ERROR', status: 400 } });
		expect(answer.body.errors.join()).toContain(words);
		expect(await get()).toEqual(before);
	});

	it('refuses malformed JSON, other media types and methods', async () => {
		expect(await post('{"models":')).toMatchObject({ status: 400, body: { code: 'MALFORMED_BODY' } });
		expect(await call(server, 'POST', '/api/config', '{}', { 'content-type': 'text/plain' })).toMatchObject({ status: 415 });
		expect(await call(server, 'PUT', '/api/config', {})).toMatchObject({ status: 405, headers: expect.anything() });
	});

	it('is effective at once: fewer models stay loaded', async () => {
		await load('llama-2-7b-chat');
		await load('mistral-7b');
		expect(await running()).toHaveLength(2);
		await post({ models: { maxConcurrent: 1 } });
		while ((await running()).length > 1) await new Promise((resolve) => setTimeout(resolve, 50));
		expect(await running()).toEqual(['mistral-7b']);
	});

	it('follows the default model when that is renamed, and forgets it when it is removed', async () => {
		await post({ models: { defaultModel: 'MISTRAL-7B' } });
		expect((await get()).models.defaultModel).toBe('mistral-7b');
		await call(server, 'POST', '/trpc/models.rename', { json: { name: 'mistral-7b', newName: 'mistral' } });
		expect((await get()).models.defaultModel).toBe('mistral');
		await call(server, 'POST', '/trpc/models.remove', { json: { name: 'mistral' } });
		expect((await get()).models.defaultModel).toBeNull();
	});

	it('survives a restart', async () => {
		await post({ models: { defaultModel: 'llama-2-7b-chat', maxConcurrent: 7 } });
		await server.stop({ keepData: true });
		server = await startServer({ RATE_LIMIT_IP: '0', DATA_DIR: server.dataDir });
		expect(await get()).toEqual({ app: { name: 'Llama Runner Async Proxy', version: '0.1.0', port: server.port }, models: { defaultModel: 'llama-2-7b-chat', maxConcurrent: 7 } });
	});
});
