import { setTimeout as sleep } from 'node:timers/promises';
import { sentence, type ChatServer } from '../chat-server.ts';
import type { Random } from '../gguf/random.ts';
import { median } from '../../../scripts/bench/quantile.ts';
import { enginePids } from './engine-pids.ts';

const signals = ['SIGKILL', 'SIGSEGV', 'SIGSTOP'] as const;
type Blow = { signal: (typeof signals)[number]; /** milliseconds from the blow to the end of the next good answer of one token */ backMs: number };
export type Chaos = {
	/** load and first answer with nothing done to the model, beside the other's answers and the health checks */
	loadMs: number;
	blows: Blow[];
	/** answers of the model that is struck: whole ones, and those that ended with a well-formed error */
	whole: number;
	failed: number;
	/** answers of the model beside it, all as they must be */
	beside: number;
	healthChecks: number;
	slowestHealthMs: number;
	/** what must not be, in words */
	faults: string[];
};

/** How a streamed answer ended: 'whole', 'error', or what is wrong with it. */
function endingOf(status: number, body: string): string {
	if (status !== 200) return /^\{"error":\{.*"message":".+"/s.test(body) && status >= 500 ? 'error' : `status ${status}: ${body.slice(0, 200)}`;
	const frames = body.split('\n\n').filter((frame) => frame.startsWith('data: '));
	try {
		const last = frames.at(-1)!.slice(6);
		if (last === '[DONE]') return JSON.parse(frames.at(-2)!.slice(6)).choices[0].finish_reason === 'length' ? 'whole' : `ended after ${frames.at(-2)}`;
		const { error } = JSON.parse(last) as { error?: { code?: string; message?: string } };
		return error?.code && error.message ? 'error' : `ended with ${last}`;
	} catch (thrown) {
		return `${(thrown as Error).message} in ${frames.at(-1)}`;
	}
}

/**
 * Strikes the engine of the model `endless` at random while it answers, for `seconds` or until `blows` were struck, beside the model `scripted`, which is left alone.
 * @param firstSignals in this order before the random ones
 */
export async function chaos(server: ChatServer, random: Random, { seconds, blows, firstSignals = [] }: { seconds: number; blows: number; firstSignals?: Blow['signal'][] }): Promise<Chaos> {
	const seen: Chaos = { loadMs: 0, blows: [], whole: 0, failed: 0, beside: 0, healthChecks: 0, slowestHealthMs: 0, faults: [] };
	const answer = async (model: string, maxTokens: number) => {
		const response = await server.post('/v1/chat/completions', { model, stream: true, max_tokens: maxTokens, temperature: 0, messages: [{ role: 'user', content: 'Hello' }] });
		return endingOf(response.status, await response.text());
	};
	let isOver = false;
	const whileOn = async (step: () => Promise<void>) => {
		while (!isOver) await step();
	};
	/** One slot less than there are, so that who looks whether it is back waits for nothing else. */
	const load = () => Array.from({ length: 3 }, () =>
		whileOn(async () => {
			const ending = await answer('endless', 20 + Math.floor(random.unit() * 400));
			if (ending === 'whole') seen.whole++;
			else if (ending === 'error') seen.failed++;
			else seen.faults.push(`a struck answer: ${ending}`);
			await sleep(20); // an engine that ends at once refuses at once
		})
	);
	const beside = whileOn(async () => {
		const response = await server.post('/v1/chat/completions', { model: 'scripted', temperature: 0, messages: [{ role: 'user', content: 'Hello' }] });
		const said = ((await response.json()) as { choices?: { message: { content: string } }[] }).choices?.[0]?.message.content;
		if (said === sentence) seen.beside++;
		else seen.faults.push(`the model beside it answered ${response.status} ${said}`);
		await sleep(20);
	});
	const health = whileOn(async () => {
		const askedAt = performance.now();
		const { status } = await fetch(`${server.url}/health/live`);
		seen.healthChecks++;
		seen.slowestHealthMs = Math.max(seen.slowestHealthMs, performance.now() - askedAt);
		if (status !== 200) seen.faults.push(`health answered ${status}`);
		await sleep(50);
	});

	async function timeToAnswer(): Promise<number> {
		await server.trpc.models.unload.mutate({ name: 'endless' });
		const startedAt = performance.now();
		if ((await answer('endless', 1)) !== 'whole') throw new Error('the model does not answer before anything was done to it');
		return performance.now() - startedAt;
	}

	async function strike(signal: Blow['signal']): Promise<void> {
		const [pid] = enginePids(server.process.pid!, 'tiny.gguf');
		if (pid === undefined) return;
		const struckAt = performance.now();
		process.kill(pid, signal);
		while ((await answer('endless', 1)) !== 'whole') await sleep(20);
		seen.blows.push({ signal, backMs: performance.now() - struckAt });
	}
	const loads: Promise<void>[] = [];
	try {
		seen.loadMs = median([await timeToAnswer(), await timeToAnswer(), await timeToAnswer()]);
		loads.push(...load());
		const until = performance.now() + seconds * 1000;
		while (performance.now() < until && seen.blows.length < blows) {
			await sleep(200 + random.unit() * 1500);
			await strike(firstSignals[seen.blows.length] ?? random.pick(signals));
		}
	} finally {
		isOver = true;
		await Promise.all([...loads, beside, health]);
	}
	return seen;
}
