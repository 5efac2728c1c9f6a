/**
 * 1,000 short texts: the engine's lanes against one serial context as the library makes it, and against llama.cpp's own server (all texts
 * in one request, as it likes them) where LLAMA_SERVER names it; in turn. `node scripts/bench/embeddings.ts`, on a machine that does
 * nothing else: the library's threads spin.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEngine } from '../../src/lib/server/pool/engine/engine.ts';
import type { EngineOptions } from '../../src/lib/server/pool/engine/protocol.ts';
import { embeddingModel } from '../../tests/support/models.ts';
import { startLlamaServer } from './llama-server.ts';

const rounds = 3;
const dir = mkdtempSync(join(tmpdir(), 'bench-embeddings-'));
const texts = Array.from({ length: 1000 }, (_, i) => `the ${['system', 'world', 'people', 'water'][i % 4]} of number ${i} ${'and some more '.repeat(i % 6)}`);
const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

async function measure(what: string, modelPath: string): Promise<string> {
	const { getLlama, LlamaLogLevel } = await import('node-llama-cpp');
	const llama = await getLlama({ gpu: false, build: 'never', maxThreads: availableParallelism(), logLevel: LlamaLogLevel.error });
	const model = await llama.loadModel({ modelPath, gpuLayers: 0 });
	const serial = await model.createEmbeddingContext({ contextSize: 512, threads: availableParallelism() });
	const options: EngineOptions = { modelPath, contextLength: 512, slots: 4, batchSize: 512, threads: availableParallelism(), gpuLayers: 0, flashAttention: false, kvCacheType: 'f16', purpose: 'embed' };
	const engine = await openEngine(options, () => {});
	const binary = process.env.LLAMA_SERVER;
	const server = binary ? await startLlamaServer(binary, modelPath, { slots: 4, contextLength: 512, threads: availableParallelism(), batchSize: 512 }, ['--embeddings']) : undefined;

	async function byServer(): Promise<number> {
		if (!server) return NaN;
		const started = performance.now();
		const response = await fetch(`${server.url}/v1/embeddings`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ model: 'any', input: texts }) });
		const { data } = (await response.json()) as { data?: unknown[] };
		if (data?.length !== texts.length) throw new Error(`llama-server answered ${response.status}`);
		return performance.now() - started;
	}
	async function bySerial(): Promise<number[][]> {
		const vectors: number[][] = [];
		for (const text of texts) {
			const { vector } = await serial.getEmbeddingFor(text);
			const length = Math.hypot(...vector);
			vectors.push(vector.map((value) => value / length));
		}
		return vectors;
	}
	async function byEngine(): Promise<number[][]> {
		const vectors: number[][] = [];
		const request = { messages: [], task: { type: 'embed' as const, inputs: texts }, options: { temperature: 0, maxTokens: 0, seed: 0 } };
		for await (const event of engine.generate(request, new AbortController().signal)) {
			if (event.type === 'vector') vectors[event.index] = [...new Float32Array(new Uint8Array(Buffer.from(event.vector, 'base64')).buffer)];
		}
		return vectors;
	}
	const times = { serial: [] as number[], engine: [] as number[], server: [] as number[] };
	let furthest = 0;
	for (let round = 0; round <= rounds; round++) {
		const started = performance.now();
		const theirs = await bySerial();
		const between = performance.now();
		const ours = await byEngine();
		const ended = performance.now();
		const server = await byServer();
		theirs.forEach((vector, i) => vector.forEach((value, at) => (furthest = Math.max(furthest, Math.abs(value - ours[i]![at]!)))));
		if (round === 0) continue; // the first warms up
		times.serial.push(between - started);
		times.engine.push(ended - between);
		times.server.push(server);
	}
	const ratio = median(times.serial.map((time, i) => time / times.engine[i]!));
	await server?.stop();
	await engine.close();
	await serial.dispose();
	await model.dispose();
	return `| ${what} | ${Math.round((texts.length * 1000) / median(times.serial))} | ${Math.round((texts.length * 1000) / median(times.engine))} | ${ratio.toFixed(2)}× | ${Math.round((texts.length * 1000) / median(times.server))} | ${median(times.server.map((time, i) => time / times.engine[i]!)).toFixed(2)}× | ${furthest.toExponential(1)} |`;
}

console.log(`| model | library, texts/s | engine, texts/s | ratio (median of ${rounds}) | llama-server, texts/s | ratio | furthest apart |\n|---|---:|---:|---:|---:|---:|---:|`);
console.log(await measure('tiny', embeddingModel(dir)));
console.log(await measure('62M', embeddingModel(dir, { preset: 'mid', fileName: 'mid.gguf' })));
console.log(`\n${availableParallelism()} cores, Node ${process.versions.node}`);
rmSync(dir, { recursive: true, force: true });
