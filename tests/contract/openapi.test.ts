import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenApiDocument } from '../../src/lib/openapi/document.ts';
import { sentence, startChatServer, type ChatServer } from '../support/chat-server.ts';
import { embeddingModel, rankModel } from '../support/models.ts';
import { closed, faultsOf, openApiValidator, operationsOf, type DocumentedOperation } from '../support/openapi.ts';

let server: ChatServer;
let document: OpenApiDocument;
let conversationId: string;

beforeAll(async () => {
	server = await startChatServer({ API_ACCESS: 'open', RATE_LIMIT_IP: '0' });
	const models = [{ name: 'vectors', path: embeddingModel(server.modelsDir) }, { name: 'ranker', path: rankModel(server.modelsDir) }];
	expect((await server.post('/api/models', { models })).status).toBe(200);
	conversationId = (await server.trpc.conversations.create.mutate({ title: 'kept' })).id;
	await server.post('/api/chat', { model: 'scripted', messages: [{ role: 'user', content: 'Hi' }], stream: false, conversationId });
	document = await server.get('/api/openapi.json');
}, 120_000);
afterAll(() => server.stop());

const message = [{ role: 'user', content: 'Say it' }];
type Call = { path?: string; body?: unknown; status?: number; anonymous?: boolean };

/** A good call of every operation; several where it answers in several shapes. */
const calls = (): Record<string, Call[]> => ({
	'POST /api/auth/login': [{ body: { username: 'admin', password: 'admin' } }],
	'POST /api/auth/logout': [{ status: 204, anonymous: true }],
	'GET /api/auth/csrf': [{}],
	'POST /api/chat': [{ body: { model: 'scripted', messages: message, temperature: 0, max_tokens: 8 } }, { body: { model: 'scripted', messages: message, temperature: 0, stream: false, store: false } }],
	'GET /api/conversations': [{}],
	'POST /api/conversations': [{ body: { title: 'New Conversation' } }],
	'GET /api/conversations/{id}': [{ path: `/api/conversations/${conversationId}` }],
	'GET /api/models': [{}, { anonymous: true }],
	'POST /api/models': [{ body: { models: [{ name: 'again', path: `${server.modelsDir}/scripted.gguf` }] } }],
	'POST /api/models/discover': [{ body: { paths: [server.modelsDir] } }],
	'GET /api/config': [{}],
	'POST /api/config': [{ body: { models: { maxConcurrent: 3, defaultModel: 'scripted' } } }],
	'GET /api/monitoring': [{}],
	'GET /api/monitoring/history': [{ path: '/api/monitoring/history?hours=1' }],
	'GET /api/websocket': [{ status: 426 }],
	'GET /api/parameters': [{}],
	'GET /api/parameters/{category}': ['model', 'system', 'performance'].map((name) => ({ path: `/api/parameters/${name}` })),
	'GET /api/parameters/category/{paramName}': [{ path: '/api/parameters/category/temperature' }],
	'PUT /api/parameters/category/{paramName}': [{ path: '/api/parameters/category/temperature', body: { value: 0.7 } }],
	'GET /api/parameters/{category}/{paramName}': [{ path: '/api/parameters/model/temperature' }],
	'PUT /api/parameters/{category}/{paramName}': [{ path: '/api/parameters/model/temperature', body: { value: 0.7 } }],
	'GET /api/openapi.json': [{}],
	'GET /health/live': [{}],
	'GET /health/ready': [{}],
	'GET /metrics': [{}],
	'POST /v1/chat/completions': [
		{ body: { model: 'scripted', messages: message, temperature: 0, logprobs: true, top_logprobs: 2, max_tokens: 8 } },
		{ body: { model: 'scripted', messages: message, temperature: 0, logprobs: true, max_tokens: -1, stream: true, stream_options: { include_usage: true } } }
	],
	'POST /v1/completions': [
		{ body: { model: 'scripted', prompt: 'Say', temperature: 0, logprobs: 2, max_tokens: 8 } },
		{ body: { model: 'scripted', prompt: ['Say', 'it'], temperature: 0, max_tokens: 4, stream: true, stream_options: { include_usage: true } } }
	],
	'POST /v1/responses': [{ body: { model: 'scripted', input: 'Say it', temperature: 0 } }, { body: { model: 'scripted', input: message, temperature: 0, stream: true } }],
	'POST /v1/messages': [{ body: { model: 'scripted', messages: message, max_tokens: 64, temperature: 0 } }, { body: { model: 'scripted', messages: message, max_tokens: 4, temperature: 0, stream: true } }],
	'POST /v1/messages/count_tokens': [{ body: { model: 'scripted', messages: message } }],
	'POST /v1/embeddings': ['float', 'base64'].map((encoding_format) => ({ body: { model: 'vectors', input: ['first text', 'second text'], encoding_format } })),
	'POST /v1/rerank': [{ body: { model: 'ranker', query: 'water', documents: ['water and people', 'model'], return_documents: true } }],
	'POST /v1/tokenize': [{ body: { model: 'scripted', input: sentence } }],
	'POST /v1/detokenize': [{ body: { model: 'scripted', tokens: [300, 301] } }],
	'GET /v1/models': [{}],
	'GET /v1/models/{id}': [{ path: '/v1/models/scripted' }]
});

/** The JSON of a stream's events; where they have no names the last is always `[DONE]`. */
function eventsOf(text: string): unknown[] {
	const data = text.split('\n').filter((line) => line.startsWith('data: ')).map((line) => line.slice(6));
	if (!text.includes('\nevent: ')) expect(data.pop()).toBe('[DONE]');
	return data.map((line) => JSON.parse(line) as unknown);
}

/** What an answer has that the document does not, or lacks. */
async function faultsOfAnswer(operation: DocumentedOperation, response: Response): Promise<string[]> {
	const { components } = closed(document);
	const validator = openApiValidator({ components });
	let documented = operation.responses[response.status] as { $ref?: string; content?: Record<string, { schema: object }> } | undefined;
	if (documented?.$ref) documented = components.responses[documented.$ref.split('/').pop()!] as never;
	if (!documented) return [`status ${response.status} is not documented`];
	const text = await response.text();
	if (!documented.content) return text === '' ? [] : ['a body is not documented'];
	const type = (response.headers.get('content-type') ?? '').split(';')[0]!;
	const content = documented.content[type];
	if (!content) return [`${type} is not documented for ${response.status}`];
	const values = type === 'text/event-stream' ? eventsOf(text) : [type.endsWith('json') ? (JSON.parse(text) as unknown) : text];
	const validate = validator(closed(content.schema));
	return values.flatMap((value) => faultsOf(validate, value).map((fault) => `${fault} in ${JSON.stringify(value).slice(0, 300)}`));
}

const send = (method: string, { path, body, anonymous }: Call) =>
	fetch(server.url + path!, {
		method,
		headers: { ...(anonymous ? {} : { authorization: `Bearer ${server.admin.token}` }), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
		...(body === undefined ? {} : { body: JSON.stringify(body) })
	});

describe('the OpenAPI document', () => {
	it('describes what every operation of the running server answers, to the member', async () => {
		const operations = operationsOf(document);
		const table = calls();
		expect(Object.keys(table).sort()).toEqual(operations.map(({ method, path }) => `${method} ${path}`).sort());
		const faults: string[] = [];
		for (const operation of operations) {
			const name = `${operation.method} ${operation.path}`;
			for (const call of table[name]!) {
				const response = await send(operation.method, { path: operation.path, ...call });
				if (response.status !== (call.status ?? 200)) faults.push(`${name} answered ${response.status}`);
				faults.push(...(await faultsOfAnswer(operation, response)).map((fault) => `${name}: ${fault}`));
			}
		}
		expect(faults).toEqual([]);
	});

	it('describes how each operation refuses, in its own dialect', async () => {
		const faults: string[] = [];
		for (const operation of operationsOf(document).filter(({ method }) => method !== 'GET')) {
			const path = operation.path.replace('{paramName}', 'temperature').replace('{category}', 'model').replace('{id}', 'x');
			for (const body of ['{"broken', '[]']) {
				const response = await fetch(server.url + path, { method: operation.method, headers: { authorization: `Bearer ${server.admin.token}`, 'content-type': 'application/json' }, body });
				if (response.status === 204) continue; // signing out takes any body
				faults.push(...(await faultsOfAnswer(operation, response)).map((fault) => `${operation.method} ${path} with ${body}: ${fault}`));
			}
		}
		for (const operation of operationsOf(document).filter(({ path }) => path.startsWith('/v1/'))) {
			const response = await fetch(server.url + operation.path.replace('{id}', 'x'), { method: operation.method });
			expect(response.status, operation.path).toBe(401);
			faults.push(...(await faultsOfAnswer(operation, response)).map((fault) => `${operation.path} without a key: ${fault}`));
		}
		expect(faults).toEqual([]);
	});

	it('is read by whoever may read the API', async () => {
		const response = await fetch(`${server.url}/api/openapi.json`);
		expect(response.status).toBe(200);
		expect(((await response.json()) as OpenApiDocument).openapi).toMatch(/^3\.1\./);
	});
});
