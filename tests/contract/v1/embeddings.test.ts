import OpenAI, { BadRequestError, NotFoundError } from 'openai';
import { mkdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call } from '../../support/call.ts';
import { embeddingModel, rankModel, tinyModel } from '../../support/models.ts';
import { signIn, type SignedIn } from '../../support/sign-in.ts';
import { startServer, type RunningServer } from '../../support/start-server.ts';

let server: RunningServer;
let admin: SignedIn;
let client: OpenAI;
const post = (path: string, body: unknown) => call(server, 'POST', path, body, { authorization: `Bearer ${admin.token}` });

beforeAll(async () => {
	server = await startServer({ RATE_LIMIT_USER: '0', RATE_LIMIT_IP: '0' });
	admin = await signIn(server);
	client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: admin.token, maxRetries: 0 });
	mkdirSync(server.modelsDir, { recursive: true });
	const models = { vectors: embeddingModel(server.modelsDir), ranker: rankModel(server.modelsDir), chatter: tinyModel(server.modelsDir) };
	for (const [name, path] of Object.entries(models)) expect((await post('/api/models', { models: [{ name, path }] })).status).toBeLessThan(300);
});
afterAll(() => server.stop());

describe('POST /v1/embeddings', () => {
	const input = ['water and people', 'people and water now', 'model message question'];

	it("gives OpenAI's client the same vectors in both encodings, in the order of the inputs", async () => {
		const usual = await client.embeddings.create({ model: 'vectors', input }); // the client asks for base64
		const floats = await client.embeddings.create({ model: 'vectors', input, encoding_format: 'float' });
		expect(usual.data.map(({ index, object }) => [index, object])).toEqual([[0, 'embedding'], [1, 'embedding'], [2, 'embedding']]);
		expect(usual.model).toBe('vectors');
		expect(usual.usage.prompt_tokens).toBeGreaterThan(8);
		expect(usual.usage.total_tokens).toBe(usual.usage.prompt_tokens);
		for (const [i, { embedding }] of usual.data.entries()) {
			expect([...embedding]).toEqual(floats.data[i]!.embedding);
			expect(embedding).toHaveLength(128);
			expect(Math.hypot(...embedding)).toBeCloseTo(1, 5);
		}
	});

	it('sends base64 when it is asked for and floats when it is not', async () => {
		const raw = await post('/v1/embeddings', { model: 'vectors', input: 'water', encoding_format: 'base64' });
		const plain = await post('/v1/embeddings', { model: 'vectors', input: 'water' });
		expect([...new Float32Array(new Uint8Array(Buffer.from(raw.body.data[0].embedding as string, 'base64')).buffer)]).toEqual(plain.body.data[0].embedding);
	});

	it('takes tokens, and lists of tokens, for texts', async () => {
		const { body } = await post('/v1/tokenize', { model: 'vectors', input: 'water' });
		const of = async (given: OpenAI.EmbeddingCreateParams['input']) => (await client.embeddings.create({ model: 'vectors', input: given })).data.map(({ embedding }) => [...embedding]);
		const [byText] = await of('water');
		expect(await of(body.tokens as number[])).toEqual([byText]);
		expect(await of([body.tokens as number[], body.tokens as number[]])).toEqual([byText, byText]);
	});

	it.each([
		[{ input: '' }, 'input'],
		[{ input: [] }, 'input'],
		[{ input: 'a', encoding_format: 'int8' }, 'encoding_format'],
		[{ input: 'a', dimensions: 64 }, 'dimensions'],
		[{ input: 'word '.repeat(9000) }, 'tokens']
	])('refuses %j', async (body, named) => {
		const error: unknown = await client.embeddings.create({ model: 'vectors', ...(body as { input: string }) }).catch((thrown: unknown) => thrown);
		expect(error).toBeInstanceOf(BadRequestError);
		expect((error as Error).message).toContain(named);
	});

	it('refuses a model that answers chats, and one that is not there', async () => {
		await expect(client.embeddings.create({ model: 'chatter', input: 'a' })).rejects.toThrow(/answers chats, this needs one that makes embeddings/);
		await expect(client.embeddings.create({ model: 'none', input: 'a' })).rejects.toBeInstanceOf(NotFoundError);
		await expect(client.chat.completions.create({ model: 'vectors', messages: [{ role: 'user', content: 'Hi' }] })).rejects.toThrow(/cannot answer chats/);
	});

	it('is for signed-in users', async () => {
		expect((await call(server, 'POST', '/v1/embeddings', { model: 'vectors', input: 'a' })).status).toBe(401);
	});
});

describe('POST /v1/rerank', () => {
	it('puts the most relevant first', async () => {
		const documents = ['water', 'people of the world', { text: 'a name' }];
		const { status, body } = await post('/v1/rerank', { model: 'ranker', query: 'water', documents, return_documents: true });
		expect(status).toBe(200);
		const scores = body.results.map((row: { relevance_score: number }) => row.relevance_score);
		expect(scores).toEqual([...scores].sort((a: number, b: number) => b - a));
		expect(body.results.map((row: { index: number }) => row.index).sort()).toEqual([0, 1, 2]);
		for (const { index, document } of body.results) expect(document.text).toBe(['water', 'people of the world', 'a name'][index]);
		expect((await post('/v1/rerank', { model: 'ranker', query: 'water', documents, top_n: 1 })).body.results).toEqual([{ index: body.results[0].index, relevance_score: scores[0] }]);
	});

	it('refuses a request without documents', async () => {
		expect((await post('/v1/rerank', { model: 'ranker', query: 'water', documents: [] })).status).toBe(400);
	});
});

describe('POST /v1/tokenize and /v1/detokenize', () => {
	it('are each other’s inverse', async () => {
		const text = 'Hello world, naïve 🙂';
		const { body } = await post('/v1/tokenize', { model: 'chatter', input: text });
		expect(body).toMatchObject({ model: 'chatter', count: body.tokens.length });
		expect((await post('/v1/tokenize', { model: 'chatter', content: text })).body).toEqual(body);
		expect((await post('/v1/detokenize', { model: 'chatter', tokens: body.tokens })).body).toEqual({ model: 'chatter', text });
		expect((await post('/v1/detokenize', { model: 'chatter', tokens: [9_999_999] })).status).toBe(400);
	});
});
