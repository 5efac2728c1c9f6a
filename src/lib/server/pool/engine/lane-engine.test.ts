import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { embeddingModel, rankModel, tinyModel } from '../../../../../tests/support/models.ts';
import { openEngine } from './engine.ts';
import { loadEmbedder, loadRanker } from './load.ts';
import type { Engine, EngineEvent, EngineOptions, EngineTask } from './protocol.ts';

const dir = mkdtempSync(join(tmpdir(), 'lanes-'));
const opened: Engine[] = [];
afterAll(async () => {
	await Promise.all(opened.map((engine) => engine.close()));
	rmSync(dir, { recursive: true, force: true });
});
const optionsFor = (modelPath: string, purpose: EngineOptions['purpose']): EngineOptions => ({ modelPath, contextLength: 256, slots: 2, batchSize: 128, threads: 1, gpuLayers: 0, flashAttention: false, kvCacheType: 'f16', purpose });
async function open(modelPath: string, purpose: EngineOptions['purpose']): Promise<Engine> {
	const engine = await openEngine(optionsFor(modelPath, purpose), () => {});
	opened.push(engine);
	return engine;
}

const never = new AbortController().signal;
const requestFor = (task?: EngineTask) => ({ messages: [], ...(task ? { task } : {}), options: { temperature: 0, maxTokens: 0, seed: 0 } });
async function compute(engine: Engine, task: EngineTask, signal = never, onEvent: (event: EngineEvent) => void = () => {}): Promise<EngineEvent[]> {
	const events: EngineEvent[] = [];
	for await (const event of engine.generate(requestFor(task), signal)) {
		events.push(event);
		onEvent(event);
	}
	return events;
}
const floats = (vector: string) => [...new Float32Array(new Uint8Array(Buffer.from(vector, 'base64')).buffer)];
async function vectorsOf(engine: Engine, inputs: (string | number[])[]): Promise<number[][]> {
	const vectors: number[][] = [];
	for (const event of await compute(engine, { type: 'embed', inputs })) if (event.type === 'vector') vectors[event.index] = floats(event.vector);
	return vectors;
}
const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
const texts = Array.from({ length: 40 }, (_, i) => `the ${['system', 'world', 'people', 'water'][i % 4]} number ${i} ${'and more '.repeat(i % 7)}`);

describe('an engine for embeddings', () => {
	let engine: Engine;
	beforeAll(async () => {
		engine = await open(embeddingModel(dir), 'embed');
	});

	it("gives the library's vectors at length 1, whatever is computed at the same time", async () => {
		const serial = await loadEmbedder({ ...optionsFor(embeddingModel(dir), 'embed'), slots: 1 }, () => {}, undefined);
		const [mine, again] = await Promise.all([vectorsOf(engine, texts), vectorsOf(engine, texts.toReversed())]);
		for (const [i, text] of texts.entries()) {
			const { vector } = await serial.context.lanes[0]!.getEmbeddingFor(text);
			const length = Math.hypot(...vector);
			expect(Math.hypot(...mine[i]!)).toBeCloseTo(1, 5);
			expect(Math.max(...mine[i]!.map((value, at) => Math.abs(value - vector[at]! / length)))).toBeLessThan(1e-4);
		}
		expect(again.toReversed()).toEqual(mine);
		await serial.dispose();
	});

	it('puts texts of the same words near each other, and takes tokens for texts', async () => {
		const tokens = await engine.tokenize('water and people');
		const [one, near, far, same] = await vectorsOf(engine, ['water and people', 'people and water now', 'model message question', tokens]);
		expect(dot(one!, near!)).toBeGreaterThan(dot(one!, far!));
		expect(same).toEqual(one);
		expect(await engine.detokenize(tokens)).toBe('water and people');
	});

	it('counts tokens, and ends with usage and finish', async () => {
		const events = await compute(engine, { type: 'embed', inputs: ['water', 'people'] });
		const tokens = (await engine.tokenize('water')).length + (await engine.tokenize('people')).length;
		expect(events.slice(-2)).toMatchObject([{ type: 'usage', promptTokens: tokens, completionTokens: 0 }, { type: 'finish', reason: 'stop' }]);
	});

	it('refuses before it computes: too long, empty, unknown, and what it is not for', async () => {
		await expect(compute(engine, { type: 'embed', inputs: ['water', 'word '.repeat(400)] })).rejects.toMatchObject({ code: 'CONTEXT_LENGTH_EXCEEDED', message: expect.stringMatching(/^input\[1\] has \d+ tokens, .* 256/) as string });
		await expect(compute(engine, { type: 'embed', inputs: [''] })).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
		await expect(compute(engine, { type: 'embed', inputs: [[99_999_999]] })).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
		await expect(compute(engine, { type: 'rank', query: 'a', documents: ['b'] })).rejects.toMatchObject({ code: 'UNSUPPORTED_PARAMETER' });
		await expect(engine.generate(requestFor(), never)[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'UNSUPPORTED_PARAMETER', message: expect.stringContaining('cannot answer chats') as string });
		await expect(engine.detokenize([-1])).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
	});

	it('stops when it is told to, and its lanes are free', async () => {
		const leaving = new AbortController();
		const events = await compute(engine, { type: 'embed', inputs: Array.from({ length: 500 }, () => 'word '.repeat(100)) }, leaving.signal, () => leaving.abort());
		expect(events.length).toBeLessThan(20);
		expect(events.at(-1)).toEqual({ type: 'finish', reason: 'cancelled' });
		await expect.poll(async () => (await engine.stats()).slotsBusy).toBe(0);
		expect(await vectorsOf(engine, ['water'])).toHaveLength(1);
	});
});

describe('an engine for ranking', () => {
	it("gives the library's scores", async () => {
		const path = rankModel(dir);
		const engine = await open(path, 'rank');
		const serial = await loadRanker({ ...optionsFor(path, 'rank'), slots: 1 }, () => {}, undefined);
		const events = await compute(engine, { type: 'rank', query: 'water', documents: texts });
		const scores: number[] = [];
		for (const event of events) if (event.type === 'score') scores[event.index] = event.score;
		expect(scores).toHaveLength(texts.length);
		expect(scores.every((score) => score >= 0 && score <= 1)).toBe(true);
		for (const i of [0, 7, 39]) expect(scores[i]).toBeCloseTo(await serial.context.lanes[0]!.rank('water', texts[i]!), 4);
		await serial.dispose();
	});

	it('is not made of a model that cannot rank', async () => {
		await expect(openEngine(optionsFor(tinyModel(dir), 'rank'), () => {})).rejects.toMatchObject({ code: 'UNSUPPORTED_PARAMETER' });
	});
});

it('an engine for chats tells tokens, and refuses tasks', async () => {
	const engine = await open(tinyModel(dir), 'generate');
	const tokens = await engine.tokenize('hello world<|im_end|>');
	expect(tokens.length).toBeGreaterThan(5);
	expect(await engine.detokenize(tokens)).toBe('hello world<|im_end|>');
	await expect(compute(engine, { type: 'embed', inputs: ['a'] })).rejects.toMatchObject({ code: 'UNSUPPORTED_PARAMETER' });
});
