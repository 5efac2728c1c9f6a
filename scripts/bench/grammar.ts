/**
 * What a grammar costs: tokens per second of answers that a JSON Schema binds against free ones, in the engine, in turn; median over
 * the rounds of ratios. `node scripts/bench/grammar.ts [--shape qwen2.5-0.5b] [--rounds 5] [--tokens 96] [--threads 2]`
 *
 * Held: at most a tenth is lost. A random model writes what no grammar wants nearly always where the grammar is strict, which a trained
 * one does not: `strict` is the worst case, `text` (strings) is nearer to what most of an answer is.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openEngine } from '../../src/lib/server/pool/engine/engine.ts';
import type { GenerateRequest } from '../../src/lib/server/pool/engine/protocol.ts';
import type { PresetName } from '../../tests/support/gguf/presets.ts';
import { sizedModel } from '../../tests/support/models.ts';
import { median } from './quantile.ts';

const { values } = parseArgs({ options: { shape: { type: 'string', default: 'qwen2.5-0.5b' }, rounds: { type: 'string', default: '5' }, tokens: { type: 'string', default: '96' }, threads: { type: 'string', default: String(availableParallelism()) } } });
const object = (properties: Record<string, object>) => ({ type: 'object', properties, required: Object.keys(properties), additionalProperties: false });
const schemas = {
	text: object(Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`s${i}`, { type: 'string' }]))),
	strict: object({ items: { type: 'array', minItems: 12, items: object({ id: { type: 'integer' }, isNew: { type: 'boolean' }, kind: { enum: ['apple', 'pear', 'plum'] } }) } })
};

const folder = mkdtempSync(join(tmpdir(), 'llama-runner-bench-'));
const modelPath = sizedModel(folder, values.shape as PresetName, 'q4_0');
const engine = await openEngine({ modelPath, contextLength: 1024, slots: 1, batchSize: 512, threads: Number(values.threads), gpuLayers: 0, flashAttention: true, kvCacheType: 'f16', purpose: 'generate' }, () => {});

/** Tokens per second once the first has come. */
async function speed(schema: object | undefined): Promise<number> {
	const format = schema ? { responseFormat: { type: 'json_schema' as const, json_schema: { name: 'answer', schema } } } : { ignoreEnd: true };
	const request: GenerateRequest = { messages: [{ role: 'user', content: 'Say something.' }], options: { temperature: 0.8, topK: 40, topP: 0.95, minP: 0.05, seed: 7, maxTokens: Number(values.tokens), ...format } };
	for await (const event of engine.generate(request, new AbortController().signal)) if (event.type === 'usage') return event.tokensPerSecond!;
	throw new Error('no usage came');
}

try {
	const seen: { free: number; text: number; strict: number }[] = [];
	await speed(undefined);
	for (let round = 0; round < Number(values.rounds); round++) seen.push({ free: await speed(undefined), text: await speed(schemas.text), strict: await speed(schemas.strict) });
	console.log(`${values.shape} q4_0, ${values.threads} threads, ${values.tokens} tokens, medians of ${values.rounds} rounds; ${availableParallelism()} × ${cpus()[0]!.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}; load: ${loadavg()[0]!.toFixed(1)}.\n`);
	console.log('| answer | tokens/s | of free |\n|---|---:|---:|');
	for (const what of ['free', 'text', 'strict'] as const) console.log(`| ${what} | ${median(seen.map((round) => round[what])).toFixed(1)} | ${median(seen.map((round) => round[what] / round.free)).toFixed(3)} |`);
	if (median(seen.map((round) => round.text / round.free)) < 0.9) process.exitCode = 1;
} finally {
	await engine.close();
	rmSync(folder, { recursive: true, force: true });
}
