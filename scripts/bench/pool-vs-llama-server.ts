/**
 * This program, whole (HTTP, credentials, Server-Sent Events), against llama.cpp's own server: the same file, threads, prompts and
 * lengths, in turn; medians over the rounds of ratios. Needs the build and a llama-server of the same llama.cpp version.
 *
 *   LLAMA_SERVER=/path/to/llama-server node scripts/bench/pool-vs-llama-server.ts [--shape qwen2.5-0.5b] [--streams 1,2,4,8,16] [--rounds 5]
 *     [--prompt 200] [--answer 128] [--threads 2] [--slots 16] [--chats 6] [--flag=-kvu]
 *
 * `--slots`: of both, as many as streams unless told. `--chats`: each stream asks so many, one after another, their prompts and answers
 * between half as long and half as long again, the same for both; without it all begin at once and are equally long.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { PresetName } from '../../tests/support/gguf/presets.ts';
import { sizedModel } from '../../tests/support/models.ts';
import { chat, type Target, type Timing } from './chat-client.ts';
import { startLlamaServer, type Opening } from './llama-server.ts';
import { startOurServer } from './our-server.ts';
import { promptText } from './prompt-text.ts';
import { median, quantile } from './quantile.ts';

const { values } = parseArgs({
	options: {
		shape: { type: 'string', default: 'qwen2.5-0.5b' }, streams: { type: 'string', default: '1,2,4,8,16' }, rounds: { type: 'string', default: '5' },
		prompt: { type: 'string', default: '200' }, answer: { type: 'string', default: '128' }, slots: { type: 'string' }, chats: { type: 'string', default: '1' }, threads: { type: 'string', default: String(availableParallelism()) }, flag: { type: 'string', multiple: true, default: [] as string[] }
	}
});
const binary = process.env.LLAMA_SERVER;
if (!binary) throw new Error('LLAMA_SERVER must name the llama-server to compare with');
const [rounds, promptTokens, answerTokens, chats] = [Number(values.rounds), Number(values.prompt), Number(values.answer), Number(values.chats)];
/** What is asked of each at one number of streams; undefined: no bound. */
const bounds: Record<number, number> = { 1: 0.97, 4: 1.15, 8: 1.15, 16: 1.05 };

/** milliseconds between two rounds: llama-server's threads spin for more work after their last batch, which whoever comes next would pay for */
const settleMs = 1000;

type Figures = { tokensPerSecond: number; firstTokenMs: number; gapMs: number; wide: number };

/** From half to one and a half times as much, spread evenly over the chats of a round. */
const varied = (length: number, chat: number, ratio: number) => (chats === 1 ? length : Math.round(length * (0.5 + ((chat * ratio) % 1))));

/** So many streams at once, each of which takes the next chat when it has ended one; each chat with its own prompt and exactly so many tokens of answer. */
async function round(target: Target, streams: number): Promise<Figures> {
	const members = { ignore_eos: true, temperature: 0.8, top_k: 40, top_p: 0.95, min_p: 0.05 };
	const asked = Array.from({ length: streams * chats }, (_, i) => ({ prompt: promptText(varied(promptTokens, i, 0.618)), members: { ...members, max_tokens: varied(answerTokens, i, 0.755) } }));
	const tokens = asked.reduce((sum, { members }) => sum + members.max_tokens, 0);
	const timings: Timing[] = [];
	const stream = async () => {
		for (let next = asked.shift(); next; next = asked.shift()) timings.push(await chat(target, { stream: true, ...next }));
	};
	const startedAt = performance.now();
	await Promise.all(Array.from({ length: streams }, stream));
	const seconds = (performance.now() - startedAt) / 1000;
	const gaps = timings.flatMap((timing) => timing.gapsMs);
	return { tokensPerSecond: tokens / seconds, firstTokenMs: median(timings.map((timing) => timing.firstTokenMs)), gapMs: quantile(gaps, 0.95), wide: gaps.length / (tokens - timings.length) };
}

async function compare(model: string, streams: number): Promise<string> {
	const opening: Opening = { slots: Number(values.slots ?? streams), contextLength: Math.ceil(((promptTokens + answerTokens) * (chats === 1 ? 1 : 1.5) + 64) / 256) * 256, threads: Number(values.threads), batchSize: 512 };
	const theirs = await startLlamaServer(binary!, model, opening, values.flag);
	const ours = await startOurServer(model, opening);
	try {
		const seen: { ours: Figures; theirs: Figures }[] = [];
		for (const target of [ours, theirs]) await round(target, streams);
		for (let n = 0; n < rounds; n++) {
			const both = { ours: undefined as Figures | undefined, theirs: undefined as Figures | undefined };
			// The order within a pair changes, since the second may find a warmer machine.
			for (const who of n % 2 ? (['ours', 'theirs'] as const) : (['theirs', 'ours'] as const)) {
				await sleep(settleMs);
				both[who] = await round(who === 'ours' ? ours : theirs, streams);
			}
			seen.push(both as { ours: Figures; theirs: Figures });
		}
		const ratio = (name: keyof Figures) => median(seen.map((pair) => pair.ours[name] / pair.theirs[name]));
		const cell = (name: keyof Figures, digits: number) => `${median(seen.map((pair) => pair.ours[name])).toFixed(digits)} / ${median(seen.map((pair) => pair.theirs[name])).toFixed(digits)}`;
		const [speed, first, gap] = [ratio('tokensPerSecond'), ratio('firstTokenMs'), ratio('gapMs')];
		const held = speed >= (bounds[streams] ?? 0) && first <= 1.05 && gap <= 1.1;
		if (!held) process.exitCode = 1;
		return `| ${streams} | ${cell('tokensPerSecond', 1)} | **${speed.toFixed(3)}** | ${cell('firstTokenMs', 0)} | **${first.toFixed(3)}** | ${cell('gapMs', 1)} | **${gap.toFixed(3)}** | ${cell('wide', 2)} | ${held ? 'yes' : 'no'} |`;
	} finally {
		await theirs.stop();
		await ours.stop();
	}
}

const folder = mkdtempSync(join(tmpdir(), 'llama-runner-bench-'));
try {
	const model = sizedModel(folder, values.shape as PresetName, 'q4_0');
	const [vary, slots] = [chats === 1 ? '' : `, half to half again as many, ${chats} for each stream`, values.slots ? `, ${values.slots} slots` : ''];
	console.log(`${values.shape} q4_0, prompts of ${promptTokens} words, answers of ${answerTokens} tokens${vary}${slots}, ${values.threads} threads, medians of ${rounds} rounds in turn${values.flag.length ? `, llama-server with ${values.flag.join(' ')}` : ''}.`);
	console.log(`${availableParallelism()} × ${cpus()[0]!.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}; load before: ${loadavg()[0]!.toFixed(1)}. Each cell: ours / llama-server.\n`);
	console.log('| streams | tokens/s | ratio | first token ms | ratio | inter-token p95 ms | ratio | chunks per token | held |\n|---:|---:|---:|---:|---:|---:|---:|---:|---|');
	for (const streams of values.streams.split(',').map(Number)) console.log(await compare(model, streams));
} finally {
	rmSync(folder, { recursive: true, force: true });
}
