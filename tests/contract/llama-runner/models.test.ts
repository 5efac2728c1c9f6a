import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { call } from '../../support/call.ts';
import { adapterFile, projectorFile, splitModel, stubGguf, tinyModel } from '../../support/models.ts';
import { signIn, type SignedIn } from '../../support/sign-in.ts';
import { startServer, type RunningServer } from '../../support/start-server.ts';

let server: RunningServer;
let admin: SignedIn;
let outside: string;
const at = (...parts: string[]) => join(server.modelsDir, ...parts);
const folder = (...parts: string[]) => {
	mkdirSync(at(...parts), { recursive: true });
	return at(...parts);
};
const register = (...models: unknown[]) => call(server, 'POST', '/api/models', { models });
const discover = (...paths: string[]) => call(server, 'POST', '/api/models/discover', { paths });
const list = async () => (await call(server, 'GET', '/api/models')).body as { count: number; models: { name: string }[] };
const removeAll = async () => {
	for (const { name } of (await list()).models) await call(server, 'POST', '/trpc/models.remove', { json: { name } });
};
const problem = (status: number, code: string) => ({
	type: expect.stringContaining('https://tools.ietf.org/html/rfc'), title: expect.any(String), status, detail: expect.any(String), errors: expect.any(Array),
	error: expect.any(String), code, details: expect.any(String), requestId: expect.any(String)
});

beforeAll(async () => {
	server = await startServer({ RATE_LIMIT_IP: '0', RATE_LIMIT_USER: '0' });
	outside = mkdtempSync(join(tmpdir(), 'llama-runner-outside-'));
	admin = await signIn(server);
});
afterAll(async () => {
	await server.stop();
	rmSync(outside, { recursive: true });
});

describe('GET /api/models, without credentials', () => {
	beforeEach(removeAll);

	it('answers an empty registry with an empty list', async () => {
		const answer = await call(server, 'GET', '/api/models');
		expect(answer).toMatchObject({ status: 200, body: { count: 0, models: [] } });
		expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
		expect(answer.headers.get('vary')!.split(', ')).toEqual(expect.arrayContaining(['Authorization', 'Cookie', 'Accept']));
	});

	it('lists registered models with document A\'s four members', async () => {
		const path = tinyModel(server.modelsDir, { fileName: 'llama-2-7b-chat.gguf' });
		await register({ name: 'llama-2-7b-chat', description: 'Chat model for Llama 2', path });
		expect((await call(server, 'GET', '/api/models')).body).toEqual({
			count: 1,
			models: [{ name: 'llama-2-7b-chat', description: 'Chat model for Llama 2', status: 'stopped', version: '2.0' }]
		});
	});

	it('tells when a model is loaded, and when it is not any more', async () => {
		await register({ name: 'tiny', path: tinyModel(server.modelsDir) });
		expect((await call(server, 'POST', '/trpc/models.load', { json: { name: 'tiny' } })).status).toBe(200);
		expect((await list()).models).toMatchObject([{ name: 'tiny', status: 'running' }]);
		await call(server, 'POST', '/trpc/models.unload', { json: { name: 'tiny' } });
		expect((await list()).models).toMatchObject([{ name: 'tiny', status: 'stopped' }]);
	});

	it('speaks of a model whose load has failed as an error, and of one whose file is gone', async () => {
		const path = tinyModel(folder('gone'), { fileName: 'gone.gguf' });
		await register({ name: 'gone', path });
		rmSync(path);
		expect((await call(server, 'POST', '/trpc/models.load', { json: { name: 'gone' } })).status).toBe(500);
		expect((await list()).models).toMatchObject([{ name: 'gone', status: 'error' }]);
	});

	it('answers in the other document\'s shape when it is asked for', async () => {
		await register({ name: 'tiny', path: tinyModel(server.modelsDir) });
		const a = { count: 1, models: [{ name: 'tiny', description: 'Tiny Random 1M', status: 'stopped', version: '' }] };
		const b = [{ id: 'tiny', object: 'model', created: expect.any(Number), ownedBy: 'local' }];
		const get = async (path: string, headers: Record<string, string> = {}) => (await call(server, 'GET', path, undefined, headers)).body;
		const bearer = { authorization: `Bearer ${admin.token}` };
		expect(await get('/api/models')).toEqual(a);
		expect(await get('/api/models', bearer)).toEqual(b);
		expect(await get('/api/models', { cookie: admin.cookie })).toEqual(b);
		for (const headers of [{}, bearer]) {
			expect(await get('/api/models?view=registry', headers)).toEqual(a);
			expect(await get('/api/models?view=openai', headers)).toEqual(b);
			expect(await get('/api/models', { ...headers, accept: 'application/json; profile="llama-runner"' })).toEqual(a);
			expect(await get('/api/models', { ...headers, accept: 'application/json; profile="aigs"' })).toEqual(b);
		}
		const [{ created }] = await get('/api/models?view=openai');
		expect(Math.abs(created - Date.now() / 1000)).toBeLessThan(60);
	});

	it('refuses bad credentials instead of answering as to nobody', async () => {
		expect(await call(server, 'GET', '/api/models', undefined, { authorization: 'Bearer nonsense' })).toMatchObject({ status: 401, body: problem(401, 'UNAUTHORIZED') });
	});
});

describe('POST /api/models', () => {
	beforeEach(removeAll);

	it('registers, as printed', async () => {
		const path = tinyModel(server.modelsDir, { fileName: 'mistral.gguf' });
		const answer = await register({ name: 'mistral-7b', description: 'Mistral model', path });
		expect(answer).toMatchObject({ status: 200, body: { message: 'Models registered successfully', registered: 1 } });
		expect(Object.keys(answer.body)).toEqual(['message', 'registered']);
		expect((await list()).models).toMatchObject([{ name: 'mistral-7b', description: 'Mistral model' }]);
	});

	it('updates a model whose name is there', async () => {
		const path = tinyModel(server.modelsDir);
		await register({ name: 'a', path }, { name: 'b', path });
		expect((await register({ name: 'a', path, description: 'New' }, { name: 'c', path })).body.registered).toBe(2);
		expect((await list()).models.map((model) => model.name)).toEqual(['a', 'b', 'c']);
		expect((await list()).models[0]).toMatchObject({ description: 'New' });
	});

	it('registers nothing when an item is bad, with one entry for each', async () => {
		const path = tinyModel(server.modelsDir);
		writeFileSync(at('text.gguf'), 'no model');
		writeFileSync(at('header.gguf'), stubGguf());
		writeFileSync(at('cut.gguf'), stubGguf().subarray(0, 50));
		const answer = await register({ name: 'good', path }, { name: 'absent', path: at('none.gguf') }, { name: 'text', path: at('text.gguf') }, { name: 'header', path: at('header.gguf') }, { name: 'cut', path: at('cut.gguf') }, { name: 'folder', path: server.modelsDir });
		expect(answer).toMatchObject({ status: 400, body: problem(400, 'VALIDATION_ERROR') });
		expect(answer.body.errors).toHaveLength(5);
		expect(answer.body.errors[0]).toBe(`absent: there is no file ${at('none.gguf')}`);
		expect((await list()).models).toEqual([]);
	});

	it('says which item lacks what', async () => {
		const answer = await register({ path: '/a' }, { name: 'b' }, 'text', { name: ' ', path: '' }, { name: 'line\nbreak', path: '/a' });
		expect(answer).toMatchObject({ status: 400, body: problem(400, 'VALIDATION_ERROR') });
		expect(answer.body.errors).toEqual([
			'models.0: name is required', 'models.1: path is required', 'models.2: each model must be {name, path, description?}', 'models.3: name is required', 'models.3: path is required',
			'models.4: name must not contain control characters'
		]);
	});

	it.each([
		['no body', undefined],
		['an empty list', { models: [] }],
		['no list', { models: { name: 'a', path: '/a' } }],
		['another member', { model: [] }],
		['null', null],
		['a list', []],
		['a number', 5]
	])('refuses %s', async (_what, body) => {
		expect(await call(server, 'POST', '/api/models', body)).toMatchObject({ status: 400, body: problem(400, 'VALIDATION_ERROR') });
	});

	it('refuses malformed JSON, and any other media type', async () => {
		expect(await call(server, 'POST', '/api/models', '{"models": [')).toMatchObject({ status: 400, body: problem(400, 'MALFORMED_BODY') });
		for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])
			expect(await call(server, 'POST', '/api/models', '{"models": []}', { 'content-type': type })).toMatchObject({ status: 415, body: problem(415, 'UNSUPPORTED_MEDIA_TYPE') });
	});

	it('lets only an administrator name a file outside of the models folder', async () => {
		const path = tinyModel(outside);
		symlinkSync(outside, at('door'));
		for (const one of [path, at('door', 'tiny.gguf'), at('..', '..', 'etc', 'passwd'), '/etc/passwd', '/nowhere/model.gguf'])
			expect(await register({ name: 'x', path: one })).toMatchObject({ status: 403, body: { ...problem(403, 'PATH_NOT_ALLOWED'), errors: [`${one} lies outside of the models folder`] } });
		expect((await list()).models).toEqual([]);
		const asAdmin = await admin.fetch('/api/models', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ models: [{ name: 'x', path }] }) });
		expect(asAdmin.status).toBe(200);
		rmSync(at('door'));
	});

	it('answers other methods with 405 and what is allowed', async () => {
		for (const method of ['PUT', 'DELETE', 'PATCH']) {
			const answer = await call(server, method, '/api/models', {});
			expect(answer).toMatchObject({ status: 405, body: problem(405, 'METHOD_NOT_ALLOWED') });
			expect(answer.headers.get('allow')!.split(', ')).toEqual(expect.arrayContaining(['GET', 'POST']));
		}
	});
});

describe('POST /api/models/discover', () => {
	it('finds models below the paths, as printed', async () => {
		const [one, another] = [folder('found', 'models'), folder('found', 'another')];
		const path = tinyModel(folder('found', 'models', 'deep'), { fileName: 'llama-3-8b.gguf', description: 'Llama 3 Base model' });
		const answer = await discover(one, another);
		expect(answer.status).toBe(200);
		expect(answer.body).toEqual({
			discovered: [{ name: 'llama-3-8b', description: 'Llama 3 Base model', version: '3.0', path, family: 'llama', size: expect.any(Number) }],
			scannedPaths: [one, another],
			totalFound: 1
		});
		expect(answer.body.discovered[0].size).toBeGreaterThan(1_000_000);
	});

	it('leaves out what is no model', async () => {
		const path = folder('mixed');
		const [first] = splitModel(path, 'split');
		projectorFile(path);
		projectorFile(path, 'vision.gguf');
		adapterFile(path);
		writeFileSync(join(path, 'text.gguf'), 'no model');
		writeFileSync(join(path, 'empty.gguf'), '');
		writeFileSync(join(path, 'cut.gguf'), stubGguf().subarray(0, 100));
		writeFileSync(join(path, 'notes.txt'), 'x');
		symlinkSync(path, join(path, 'again'));
		const { discovered, totalFound } = (await discover(path)).body;
		expect([discovered.map((model: { name: string }) => model.name), discovered[0].path, totalFound]).toEqual([['split'], first, 1]);
	});

	it('registers nothing', async () => {
		await removeAll();
		await discover(server.modelsDir);
		expect(await list()).toEqual({ count: 0, models: [] });
	});

	it('takes a path that is not there for an empty one', async () => {
		expect(await discover(at('none'))).toMatchObject({ status: 200, body: { discovered: [], scannedPaths: [at('none')], totalFound: 0 } });
	});

	it('lets only an administrator look outside of the models folder', async () => {
		tinyModel(outside, { fileName: 'elsewhere.gguf' });
		symlinkSync(outside, at('way-out'));
		for (const path of [outside, '/', '/nowhere', at('way-out'), at('..')]) expect(await discover(at(), path)).toMatchObject({ status: 403, body: problem(403, 'PATH_NOT_ALLOWED') });
		const names = async (response: Answer) => (await response).discovered.map((model: { name: string }) => model.name);
		type Answer = Promise<{ discovered: { name: string }[] }> | { discovered: { name: string }[] };
		expect(await names((await discover(at())).body)).not.toContain('elsewhere');
		const asAdmin = await admin.fetch('/api/models/discover', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ paths: [outside] }) });
		expect(await names(asAdmin.json() as Answer)).toContain('elsewhere');
		rmSync(at('way-out'));
	});

	it.each([
		['no body', undefined],
		['no paths', {}],
		['no list', { paths: '/a' }],
		['an empty list', { paths: [] }],
		['an empty path', { paths: [''] }],
		['a number', { paths: [5] }],
		['a NUL', { paths: ['/a\0b'] }],
		['null', null],
		['too many', { paths: Array(65).fill('/a') }]
	])('refuses %s', async (_what, body) => {
		expect(await call(server, 'POST', '/api/models/discover', body)).toMatchObject({ status: 400, body: problem(400, 'VALIDATION_ERROR') });
	});

	it('refuses malformed JSON, other media types and methods', async () => {
		expect(await call(server, 'POST', '/api/models/discover', '{')).toMatchObject({ status: 400, body: problem(400, 'MALFORMED_BODY') });
		expect(await call(server, 'POST', '/api/models/discover', '{}', { 'content-type': 'text/plain' })).toMatchObject({ status: 415 });
		expect(await call(server, 'GET', '/api/models/discover')).toMatchObject({ status: 405, body: problem(405, 'METHOD_NOT_ALLOWED') });
	});
});
