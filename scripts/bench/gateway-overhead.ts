/**
 * What the gateway adds to an upstream: direct and through in turn, medians over the rounds.
 *
 *   node scripts/bench/gateway-overhead.ts [--rounds 5] [--seconds 10] [--warm 20000]
 *
 * Open loop: 20 new streams a second of 32 tokens from an upstream paced at 20 ms a token, whether or not earlier ones
 * have ended. Then one request at a time with `stream: false` from an upstream that answers at once. `--warm`: requests before, a tenth of
 * them streams: V8 compiles what runs often in several steps, and a gateway has most of its requests after the last. Needs the build.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startFakeLmStudio } from '../../tests/support/fake-lm-studio/fake-lm-studio.ts';
import { signIn } from '../../tests/support/sign-in.ts';
import { startServer } from '../../tests/support/start-server.ts';
import { chat, type Target, type Timing } from './chat-client.ts';
import { median, quantile } from './quantile.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '10' }, warm: { type: 'string', default: '20000' } } });
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const load = { streamsPerSecond: 20, tokens: 32, tokenMs: 20, single: 300 };

async function openLoop(target: Target): Promise<Timing[]> {
	const running: Promise<Timing>[] = [];
	const startedAt = performance.now();
	for (let n = 0; n < load.streamsPerSecond * seconds; n++) {
		await sleep(Math.max(0, startedAt + (n * 1000) / load.streamsPerSecond - performance.now()));
		running.push(chat(target, { stream: true, prompt: `stream ${n}` }));
	}
	return Promise.all(running);
}

async function oneAtATime(target: Target): Promise<Timing[]> {
	const timings: Timing[] = [];
	for (let n = 0; n < load.single; n++) timings.push(await chat(target, { stream: false, prompt: `request ${n}` }));
	return timings;
}

/** Named figures of one round, in milliseconds. */
type Figures = Record<string, number>;

function streamFigures(timings: Timing[]): Figures {
	const first = timings.map((timing) => timing.firstTokenMs);
	const gaps = timings.flatMap((timing) => timing.gapsMs);
	return { 'first token p50': quantile(first, 0.5), 'first token p99': quantile(first, 0.99), 'inter-token p50': quantile(gaps, 0.5), 'inter-token p99': quantile(gaps, 0.99) };
}

function singleFigures(timings: Timing[]): Figures {
	const total = timings.map((timing) => timing.totalMs);
	return { 'stream: false p50': quantile(total, 0.5), 'stream: false p99': quantile(total, 0.99) };
}

/** Direct, through, direct, through …; the order within a pair changes too, since the second finds a warmer machine. */
async function compare(direct: Target, through: Target, run: (target: Target) => Promise<Timing[]>, figures: (timings: Timing[]) => Figures): Promise<void> {
	const seen: { direct: Figures; through: Figures }[] = [];
	for (let round = 0; round < rounds; round++) {
		const order = round % 2 === 0 ? [direct, through] : [through, direct];
		const both = new Map<Target, Figures>();
		for (const target of order) both.set(target, figures(await run(target)));
		seen.push({ direct: both.get(direct)!, through: both.get(through)! });
	}
	for (const name of Object.keys(seen[0]!.direct)) {
		const [alone, gate] = [seen.map((round) => round.direct[name]!), seen.map((round) => round.through[name]!)];
		const added = seen.map((round) => round.through[name]! - round.direct[name]!);
		const ms = (value: number) => value.toFixed(2).padStart(8);
		console.log(`| ${name.padEnd(18)} | ${ms(median(alone))} | ${ms(median(gate))} | ${ms(median(added))} | ${ms(Math.min(...added))} – ${ms(Math.max(...added))} |`);
	}
}

const reply = Array.from({ length: load.tokens }, (_, index) => `token${index} `);
const upstream = await startFakeLmStudio({ reply, tokenMs: 0 }); // to warm up, unpaced
const server = await startServer({ LM_STUDIO_URL: upstream.url, RATE_LIMIT_USER: '0' });
try {
	const { token } = await signIn(server);
	const direct: Target = { url: upstream.url, key: 'none', model: 'qwen3-4b' };
	const through: Target = { ...direct, url: server.url, key: token };
	for (const target of [direct, through]) for (let n = 0; n < Number(values.warm); n++) await chat(target, { stream: n % 10 === 0, prompt: 'warm up' });
	await upstream.set({ reply, tokenMs: load.tokenMs });
	console.log(`${rounds} rounds of ${seconds} s each, ${load.streamsPerSecond} new streams a second of ${load.tokens} tokens at ${load.tokenMs} ms; ${load.single} single requests a round, after ${values.warm} requests. Milliseconds, medians of rounds.\n`);
	console.log('|                    |   direct |  through |    added |       least – most |\n|---|---:|---:|---:|---:|');
	await compare(direct, through, openLoop, streamFigures);
	await upstream.set({ reply: ['Hello', ' there'], tokenMs: 0 });
	await compare(direct, through, oneAtATime, singleFigures);
} finally {
	await server.stop();
	await upstream.stop();
}
