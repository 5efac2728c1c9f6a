/**
 * What a grammar costs: tokens per second of answers that a JSON Schema binds against free ones, in the engine, in turn; median over
 * the rounds of ratios. `node scripts/bench/grammar.ts [--shape qwen2.5-0.5b] [--rounds 5] [--tokens 96] [--threads 2]`
 *
 * Held: at most a tenth is lost by a model that writes what it is asked for, as a trained one does: `obeying` says the same document with
 * the schema and without. A random model writes what no grammar wants: of strings (`text`) nearly anything goes, `strict` is the worst case.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openEngine } from '../../src/lib/server/pool/engine/engine.ts';
import type { Engine, GenerateRequest } from '../../src/lib/server/pool/engine/protocol.ts';
import type { PresetName } from '../../tests/support/gguf/presets.ts';
import { sizedModel } from '../../tests/support/models.ts';
import { median } from './quantile.ts';

const { values } = parseArgs({ options: { shape: { type: 'string', default: 'qwen2.5-0.5b' }, rounds: { type: 'string', default: '5' }, tokens: { type: 'string', default: '96' }, threads: { type: 'string', default: String(availableParallelism()) } } });
const object = (properties: Record<string, object>) => ({ type: 'object', properties, required: Object.keys(properties), additionalProperties: false });
const schemas = {
	text: object(Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`s${i}`, { type: 'string' }]))),
	strict: object({ items: { type: 'array', minItems: 12, items: object({ id: { type: 'integer' }, isNew: { type: 'boolean' }, kind: { enum: ['apple', 'pear', 'plum'] } }) } })
};

/** A document of numbers, words, choices and truths, and the schema that allows such ones. Its names and words are all different, as a scripted model must have them. */
function obeyed(): { schema: object; text: string } {
	const word = (n: number) => ['ba', 'ce', 'di', 'fo', 'gu', 'ha', 'je', 'ki'][n % 8]! + ['lor', 'men', 'nis', 'pol', 'ruk', 'sab', 'tev', 'wim'][(n >> 3) % 8]!;
	const kinds = [
		(n: number) => [{ type: 'integer' }, 1000 + n * 37] as const,
		(n: number) => [{ type: 'string' }, `${word(63 - n)}a and ${word(n)}o`] as const,
		(n: number) => [{ enum: ['apple', 'pear', `${word(n)}i`] }, `${word(n)}i`] as const,
		(n: number) => [{ type: 'boolean' }, n % 8 < 4] as const
	];
	const rows = Array.from({ length: 48 }, (_, n) => [word(n), kinds[n % 4]!(n)] as const);
	return { schema: object(Object.fromEntries(rows.map(([name, [schema]]) => [name, schema]))), text: JSON.stringify(Object.fromEntries(rows.map(([name, [, value]]) => [name, value]))) };
}

const folder = mkdtempSync(join(tmpdir(), 'llama-runner-bench-'));
const preset = values.shape as PresetName;
const document = obeyed();
const open = (modelPath: string) => openEngine({ modelPath, contextLength: 1024, slots: 1, batchSize: 512, threads: Number(values.threads), gpuLayers: 0, flashAttention: true, kvCacheType: 'f16', purpose: 'generate' }, () => {});
const random = await open(sizedModel(folder, preset, 'q4_0'));
const scripted = await open(sizedModel(folder, preset, 'q4_0', { sentence: document.text }));

/** Tokens per second once the first has come. */
async function speed(engine: Engine, schema: object | undefined): Promise<number> {
	const format = schema ? { responseFormat: { type: 'json_schema' as const, json_schema: { name: 'answer', schema } } } : engine === random ? { ignoreEnd: true } : {};
	const request: GenerateRequest = { messages: [{ role: 'user', content: 'Say something.' }], options: { temperature: 0.8, topK: 40, topP: 0.95, minP: 0.05, seed: 7, maxTokens: engine === random ? Number(values.tokens) : 1000, ...format } };
	let said = '';
	for await (const event of engine.generate(request, new AbortController().signal)) {
		if (event.type === 'text') said += event.text;
		if (event.type !== 'usage') continue;
		if (engine === scripted && said !== document.text) throw new Error(`the scripted model said ${said}`);
		return event.tokensPerSecond!;
	}
	throw new Error('no usage came');
}

try {
	const seen: { free: number; text: number; strict: number; 'obeying, free': number; obeying: number }[] = [];
	await speed(random, undefined);
	await speed(scripted, undefined);
	for (let round = 0; round < Number(values.rounds); round++) {
		seen.push({
			free: await speed(random, undefined), text: await speed(random, schemas.text), strict: await speed(random, schemas.strict),
			'obeying, free': await speed(scripted, undefined), obeying: await speed(scripted, document.schema)
		});
	}
	console.log(`${preset} q4_0, ${values.threads} threads, ${values.tokens} tokens, medians of ${values.rounds} rounds; ${availableParallelism()} × ${cpus()[0]!.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}; load: ${loadavg()[0]!.toFixed(1)}.\n`);
	console.log('| answer | tokens/s | of free |\n|---|---:|---:|');
	const kept = (what: keyof (typeof seen)[0]) => median(seen.map((round) => round[what] / round[what === 'obeying' ? 'obeying, free' : 'free']));
	for (const what of ['free', 'text', 'strict'] as const) console.log(`| ${what} | ${median(seen.map((round) => round[what])).toFixed(1)} | ${kept(what).toFixed(3)} |`);
	for (const what of ['obeying, free', 'obeying'] as const) console.log(`| ${what} | ${median(seen.map((round) => round[what])).toFixed(1)} | ${what === 'obeying' ? kept(what).toFixed(3) : '1.000'} |`);
	if (kept('obeying') < 0.9 || kept('text') < 0.9) process.exitCode = 1;
} finally {
	await random.close();
	await scripted.close();
	rmSync(folder, { recursive: true, force: true });
}
