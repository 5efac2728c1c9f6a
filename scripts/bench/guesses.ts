/**
 * What guessing by prompt look-up brings to a stream that runs alone: tokens per second with and without, in the engine, in turn, where
 * every guess is right (an answer that repeats itself) and where there is hardly ever one (a random model's). Medians of ratios.
 *
 *   node scripts/bench/guesses.ts [--shape qwen2.5-0.5b] [--rounds 5] [--tokens 96] [--threads 2]
 *
 * It fails unless it is faster where guesses are right and no slower than 0.97× where there are none: what must hold before it is switched on.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openEngine } from '../../src/lib/server/pool/engine/engine.ts';
import type { Engine, EngineOptions } from '../../src/lib/server/pool/engine/protocol.ts';
import type { PresetName } from '../../tests/support/gguf/presets.ts';
import { scriptedModel, sizedModel } from '../../tests/support/models.ts';
import { median } from './quantile.ts';

const { values } = parseArgs({ options: { shape: { type: 'string', default: 'qwen2.5-0.5b' }, rounds: { type: 'string', default: '5' }, tokens: { type: 'string', default: '96' }, threads: { type: 'string', default: String(availableParallelism()) } } });
const folder = mkdtempSync(join(tmpdir(), 'llama-runner-bench-'));
const preset = values.shape as PresetName;
const sentence = 'Hello there, I am a model that says just one thing again and never stops. ';

/** Tokens per second once the first has come. */
async function speed(engine: Engine, temperature: number): Promise<number> {
	const options = { temperature, topK: 40, topP: 0.95, minP: 0.05, seed: 7, maxTokens: Number(values.tokens), ignoreEnd: true };
	for await (const event of engine.generate({ messages: [{ role: 'user', content: 'Say something.' }], options }, new AbortController().signal)) if (event.type === 'usage') return event.tokensPerSecond!;
	throw new Error('no usage came');
}

async function compare(what: string, modelPath: string, temperature: number): Promise<number> {
	const options: EngineOptions = { modelPath, contextLength: 1024, slots: 1, batchSize: 512, threads: Number(values.threads), gpuLayers: 0, flashAttention: true, kvCacheType: 'f16', purpose: 'generate' };
	const [guessing, plain] = [await openEngine({ ...options, guesses: true }, () => {}), await openEngine(options, () => {})];
	try {
		for (const engine of [guessing, plain]) await speed(engine, temperature);
		const seen: [number, number][] = [];
		for (let round = 0; round < Number(values.rounds); round++) seen.push([await speed(guessing, temperature), await speed(plain, temperature)]);
		const ratio = median(seen.map(([mine, theirs]) => mine / theirs));
		console.log(`| ${what} | ${median(seen.map(([mine]) => mine)).toFixed(1)} | ${median(seen.map(([, theirs]) => theirs)).toFixed(1)} | **${ratio.toFixed(3)}** |`);
		return ratio;
	} finally {
		await guessing.close();
		await plain.close();
	}
}

try {
	console.log(`${values.shape} q4_0, ${values.threads} threads, ${values.tokens} tokens, medians of ${values.rounds} rounds in turn; ${availableParallelism()} × ${cpus()[0]!.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}; load: ${loadavg()[0]!.toFixed(1)}.\n`);
	console.log('| answer | with guesses, tokens/s | without | ratio |\n|---|---:|---:|---:|');
	const repeated = await compare('repeats itself', scriptedModel(folder, { sentence, loop: true, preset, type: 'q4_0' }), 0);
	const random = await compare('random', sizedModel(folder, preset, 'q4_0'), 0.8);
	if (repeated < 1 || random < 0.97) process.exitCode = 1;
} finally {
	rmSync(folder, { recursive: true, force: true });
}
