import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { call } from '../../support/call.ts';
import { scriptedModel } from '../../support/models.ts';
import { signIn } from '../../support/sign-in.ts';
import { startServer, type RunningServer } from '../../support/start-server.ts';

let server: RunningServer;
const settings = { RATE_LIMIT_IP: '0', RATE_LIMIT_USER: '0', LOG_LEVEL: 'info' };
const get = (path: string) => call(server, 'GET', `/api/parameters${path}`);
const put = (path: string, body: unknown) => call(server, 'PUT', `/api/parameters${path}`, body);

beforeAll(async () => {
	server = await startServer(settings);
});
afterAll(() => server.stop());

describe('GET /api/parameters', () => {
	it('lists the categories exactly', async () => {
		expect(await get('')).toMatchObject({ status: 200, body: { categories: ['model', 'system', 'performance'] } });
		expect(Object.keys((await get('')).body)).toEqual(['categories']);
	});

	it('lists a category with value, bounds and description, as printed', async () => {
		const { status, body } = await get('/model');
		expect(status).toBe(200);
		expect(Object.keys(body)).toEqual(['category', 'parameters']);
		expect(body.category).toBe('model');
		expect(body.parameters.temperature).toEqual({ value: 0.7, min: 0, max: 2, description: 'Controls randomness in generation', default: 0.7, type: 'number', step: 0.05 });
		expect(body.parameters.maxTokens).toEqual({ value: 2048, min: 1, max: 131_072, description: 'Maximum tokens to generate', default: 2048, type: 'integer', step: 1, unit: 'tokens' });
	});

	it('gives no bounds where they mean nothing, and options where there are', async () => {
		const { stop } = (await get('/model')).body.parameters;
		expect(stop).toEqual({ value: [], description: expect.any(String), default: [], type: 'strings' });
		const { kvCacheType, flashAttention } = (await get('/performance')).body.parameters;
		expect(kvCacheType).toEqual({ value: 'f16', description: expect.any(String), default: 'f16', type: 'string', options: ['f16', 'q8_0', 'q4_0', 'f32'] });
		expect(flashAttention).toEqual({ value: true, description: expect.any(String), default: true, type: 'boolean' });
	});

	it('gives one parameter, as printed, by either path', async () => {
		for (const path of ['/category/temperature', '/model/temperature']) {
			const answer = await get(path);
			expect(answer.status).toBe(200);
			expect(answer.body).toEqual({ parameter: 'temperature', value: 0.7, category: 'model' });
		}
	});

	it.each([
		['/none', 'CATEGORY_NOT_FOUND'],
		['/category', 'CATEGORY_NOT_FOUND'],
		['/__proto__', 'CATEGORY_NOT_FOUND'],
		['/constructor', 'CATEGORY_NOT_FOUND'],
		['/none/temperature', 'CATEGORY_NOT_FOUND'],
		['/category/none', 'PARAMETER_NOT_FOUND'],
		['/category/__proto__', 'PARAMETER_NOT_FOUND'],
		['/category/toString', 'PARAMETER_NOT_FOUND'],
		['/model/none', 'PARAMETER_NOT_FOUND'],
		['/system/temperature', 'PARAMETER_NOT_FOUND'],
		[`/category/${'x'.repeat(150)}`, 'PARAMETER_NOT_FOUND'],
		['/category/%F0%9F%A6%99', 'PARAMETER_NOT_FOUND']
	])('answers %s with 404 %s', async (path, code) => {
		expect(await get(path)).toMatchObject({ status: 404, body: { status: 404, code, title: 'Not Found' } });
		if (path.split('/').length > 2) expect(await put(path, { value: 1 })).toMatchObject({ status: 404, body: { code } });
	});
});

describe('PUT /api/parameters/…', () => {
	it('sets a value by either path and answers in the shape of GET', async () => {
		expect(await put('/category/temperature', { value: 0.2 })).toMatchObject({ status: 200, body: { parameter: 'temperature', value: 0.2, category: 'model' } });
		expect((await get('/model')).body.parameters.temperature).toMatchObject({ value: 0.2, default: 0.7 });
		const answer = await put('/model/temperature', { value: 2 });
		expect(answer.status).toBe(200);
		expect(answer.body).toEqual({ parameter: 'temperature', value: 2, category: 'model' });
		expect((await get('/category/temperature')).body.value).toBe(2);
		await put('/model/temperature', { value: 0.7 });
	});

	it.each([
		['temperature', 2.5, 'temperature must be a number from 0 to 2'],
		['temperature', '1', 'temperature must be a number from 0 to 2'],
		['temperature', null, 'temperature must be a number from 0 to 2'],
		['maxTokens', 0, 'maxTokens must be a whole number from 1 to 131072'],
		['maxTokens', 1.5, 'maxTokens must be a whole number from 1 to 131072'],
		['stop', 'END', 'stop must be a list'],
		['kvCacheType', 'f8', 'kvCacheType must be one of f16, q8_0, q4_0, f32'],
		['flashAttention', 1, 'flashAttention must be true or false']
	])('refuses %s = %j and names the bounds', async (name, value, words) => {
		const before = (await get(`/category/${name}`)).body;
		const answer = await put(`/category/${name}`, { value });
		expect(answer).toMatchObject({ status: 400, body: { code: 'VALIDATION_ERROR', errors: [expect.stringContaining(words)] } });
		expect((await get(`/category/${name}`)).body).toEqual(before);
	});

	it.each([
		['no body', undefined, 'value is required'],
		['no value', {}, 'value is required'],
		['another member', { value: 1, extra: true }, 'extra: unknown; send {"value": …}'],
		['null', null, 'value is required'],
		['a list', [1], '0: unknown; send {"value": …}'],
		['a number', 1, 'value is required']
	])('refuses %s', async (_what, body, sentence) => {
		expect(await put('/category/temperature', body)).toMatchObject({ status: 400, body: { code: 'VALIDATION_ERROR', errors: [sentence] } });
	});

	it('refuses malformed JSON, other media types and methods', async () => {
		expect(await put('/category/temperature', '{"value":')).toMatchObject({ status: 400, body: { code: 'MALFORMED_BODY' } });
		expect(await call(server, 'PUT', '/api/parameters/category/temperature', '{}', { 'content-type': 'text/plain' })).toMatchObject({ status: 415 });
		expect(await call(server, 'POST', '/api/parameters/category/temperature', { value: 1 })).toMatchObject({ status: 405 });
		expect(await call(server, 'POST', '/api/parameters', {})).toMatchObject({ status: 405 });
	});

	it('shows as locked what the environment decides, and leaves it', async () => {
		expect((await get('/system')).body.parameters.logLevel).toMatchObject({ value: 'info', locked: 'LOG_LEVEL' });
		expect(await put('/category/logLevel', { value: 'debug' })).toMatchObject({ status: 409, body: { code: 'CONFLICT', detail: expect.stringContaining('LOG_LEVEL') } });
		expect((await put('/category/logLevel', { value: 'info' })).status).toBe(200);
	});

	it('is really used by the live socket: statusInterval', async () => {
		await put('/category/statusInterval', { value: 1 });
		const socket = new WebSocket(`${server.url.replace('http', 'ws')}/api/websocket`);
		try {
			// By default they are two seconds apart.
			await new Promise<void>((resolve, reject) => {
				let last = 0;
				socket.on('error', reject);
				socket.on('message', (data) => {
					if (JSON.parse(String(data)).type !== 'status') return;
					const gap = performance.now() - last;
					if (last > 0 && gap > 500 && gap < 1500) resolve();
					last = performance.now();
				});
			});
		} finally {
			socket.close();
		}
		await put('/category/statusInterval', { value: 2 });
	});

	it('is really used by the next generation, and survives a restart', async () => {
		const words = 'one two three four five six seven eight nine ten';
		await call(server, 'POST', '/api/models', { models: [{ name: 'scripted', path: scriptedModel(server.modelsDir, { sentence: words }) }] });
		const say = async () => {
			const user = await signIn(server);
			const answer = await user.fetch('/api/chat', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ model: 'scripted', stream: false, messages: [{ role: 'user', content: 'Count' }] }) });
			return (await answer.json()) as { choices: { message: { content: string }; finish_reason: string }[]; usage: { completion_tokens: number } };
		};
		await put('/category/temperature', { value: 0 });
		expect((await say()).choices[0]).toMatchObject({ message: { content: words }, finish_reason: 'stop' });
		await put('/model/maxTokens', { value: 3 });
		expect(await say()).toMatchObject({ choices: [{ finish_reason: 'length' }], usage: { completion_tokens: 3 } });
		await server.stop({ keepData: true });
		server = await startServer({ ...settings, DATA_DIR: server.dataDir });
		expect((await get('/category/maxTokens')).body).toEqual({ parameter: 'maxTokens', value: 3, category: 'model' });
		expect((await say()).usage.completion_tokens).toBe(3);
		await put('/category/maxTokens', { value: 2048 });
		await put('/category/stop', { value: ['four'] });
		expect((await say()).choices[0]!.message.content).toBe('one two three ');
	});
});
