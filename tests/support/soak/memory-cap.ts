import { setTimeout as sleep } from 'node:timers/promises';
import type { ModelSpec } from '../../../src/lib/server/pool/model-spec.ts';
import type { Random } from '../gguf/random.ts';
import { ask, openPool, type OpenPool } from '../pool/open-pool.ts';
import { residentBytes } from './engine-pids.ts';

export type MemoryCap = {
	bursts: number;
	answers: number;
	loads: number;
	evictions: number;
	/** resident bytes of all engines together, the most that was ever seen */
	mostBytes: number;
	/** (resident − estimated) / resident of each engine after its first answers */
	errors: { key: string; error: number }[];
	faults: string[];
};

/** What is kept back, as the program does: estimates are within some percent, not exact. */
const reserve = 0.05;
/** Longer than a burst takes on the slowest machine: one that lost its turn would be loaded twice, rightly. */
const turnMs = 300_000;

/**
 * Bursts of requests for models of mixed sizes on a machine that has `capBytes` for engines and no more.
 * @param modelsOf the models, made in the pool's folder
 */
export async function memoryCap(random: Random, capBytes: number, { seconds, bursts }: { seconds: number; bursts: number }, modelsOf: (opened: OpenPool) => ModelSpec[]): Promise<MemoryCap> {
	// Asked at each look: an engine that has just ended must not count, or the next one would be refused for its memory.
	const used = (): number => opened.pool.states().reduce((sum, { pid }) => sum + (pid === undefined ? 0 : residentBytes(pid)), 0);
	const opened: OpenPool = openPool({ maxLoaded: () => 8, freeBytes: () => capBytes * (1 - reserve) - used(), turnMs });
	const { pool, events } = opened;
	const seen: MemoryCap = { bursts: 0, answers: 0, loads: 0, evictions: 0, mostBytes: 0, errors: [], faults: [] };
	const models = modelsOf(opened);
	let isOver = false;
	const watch = (async () => {
		while (!isOver) {
			seen.mostBytes = Math.max(seen.mostBytes, used());
			await sleep(50);
		}
	})();

	async function burst(): Promise<void> {
		const model = random.pick(models);
		const tokens = 1 + Math.floor(random.unit() * 40);
		const before = opened.count('loadStarted', model.key);
		const answers = Array.from({ length: 1 + Math.floor(random.unit() * 6) }, async (_, n) => {
			let said = 0;
			let finish = '';
			try {
				for await (const event of pool.stream(model, ask({ user: `user${n}`, maxTokens: tokens, ignoreEnd: true }), new AbortController().signal)) {
					if (event.type === 'usage') said = event.completionTokens;
					if (event.type === 'finish') finish = event.reason;
				}
			} catch (thrown) {
				finish = (thrown as Error).message;
			}
			if (finish === 'length' && said === tokens) seen.answers++;
			else seen.faults.push(`an answer of ${model.key} ended with ${finish} after ${said} of ${tokens} tokens`);
		});
		await Promise.all(answers);
		const loads = opened.count('loadStarted', model.key) - before;
		if (loads > 1) seen.faults.push(`a burst loaded ${model.key} ${loads} times`);
		const pid = opened.stateOf(model.key)?.pid;
		const bytes = pid === undefined ? 0 : residentBytes(pid);
		// One that ends for another's burst has given some of it back already.
		if (loads === 1 && bytes > 0 && opened.count('unloaded', model.key) === opened.count('loadFinished', model.key) - 1) {
			const estimated = events.findLast((event) => event.type === 'loadStarted' && event.key === model.key) as { estimatedBytes: number } | undefined;
			seen.errors.push({ key: model.key, error: (bytes - estimated!.estimatedBytes) / bytes });
		}
		seen.bursts++;
	}
	try {
		const until = performance.now() + seconds * 1000;
		let left = bursts;
		const lanes = Array.from({ length: 3 }, async () => {
			while (performance.now() < until && left-- > 0) {
				await burst();
				await sleep(random.unit() * 500);
			}
		});
		await Promise.all(lanes);
	} finally {
		isOver = true;
		await watch;
		seen.loads = opened.count('loadFinished');
		seen.evictions = opened.count('evicted');
		if (opened.count('crashed') > 0) seen.faults.push(`${opened.count('crashed')} engines crashed`);
		await opened.close();
	}
	if (seen.mostBytes > capBytes) seen.faults.push(`engines held ${seen.mostBytes} bytes, more than ${capBytes}`);
	return seen;
}
