import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ChatEvent } from '../../../src/lib/contract/chat.ts';
import type { ModelSpec, PoolRequest } from '../../../src/lib/server/pool/model-spec.ts';
import type { PoolEvent } from '../../../src/lib/server/pool/pool-event.ts';
import { Pool, type PoolOptions } from '../../../src/lib/server/pool/pool.ts';
import { scriptedModel, tinyModel } from '../models.ts';

export const sentence = 'Hello there, I am a tiny scripted model.';
const root = resolve(import.meta.dirname, '../../..');

/** A pool with real engines, the models it may load, and everything that happened in it. */
export function openPool(options: Partial<PoolOptions> = {}) {
	const dir = mkdtempSync(join(tmpdir(), 'llama-runner-pool-'));
	const events: PoolEvent[] = [];
	const pool = new Pool({ isolation: 'process', root, maxLoaded: () => 2, freeBytes: () => 8 * 2 ** 30, onEvent: (event) => events.push(event), ...options });

	const spec = (key: string, path: string, changes: Partial<ModelSpec> = {}): ModelSpec => ({
		key, name: key, path,
		options: { contextLength: 512, slots: 2, batchSize: 64, threads: 1, gpuLayers: 0, flashAttention: false, kvCacheType: 'f16', purpose: 'generate' },
		idleUnloadMs: 0, loadTimeoutMs: 20_000, progressTimeoutMs: 20_000,
		...changes
	});
	/** A file that an engine has mapped must not be written again: reading it would then be a bus error. */
	const placed = (fileName: string, place: () => string): string => (existsSync(join(dir, fileName)) ? join(dir, fileName) : place());
	return {
		pool,
		dir,
		events,
		/** what happened, by kind and model */
		count: (type: PoolEvent['type'], key?: string) => events.filter((event) => event.type === type && (key === undefined || event.key === key)).length,
		stateOf: (key: string) => pool.states().find((state) => state.key === key),
		/** sequences that the engine itself says it works on, asked now */
		engineBusy: async (key: string) => (await pool.statesNow()).find((state) => state.key === key)?.engineBusy,
		specOf: spec,
		/** answers with `sentence` */
		scripted: (key = 'scripted', changes: Partial<ModelSpec> = {}) => spec(key, placed(`${key}.gguf`, () => scriptedModel(dir, { sentence, fileName: `${key}.gguf` })), changes),
		/** random text without an end; one slot of 16,384 tokens */
		endless: (key = 'endless', changes: Partial<ModelSpec> = {}, options: Partial<ModelSpec['options']> = {}) => {
			const base = spec(key, placed(`${key}.gguf`, () => tinyModel(dir, { fileName: `${key}.gguf` })), changes);
			return { ...base, options: { ...base.options, contextLength: 16_384, slots: 1, ...options } };
		},
		async close() {
			await pool.close();
			rmSync(dir, { recursive: true });
		}
	};
}
export type OpenPool = ReturnType<typeof openPool>;

export const ask = (options: Partial<PoolRequest['options']> & { user?: string; content?: string; priority?: PoolRequest['priority'] } = {}): PoolRequest => {
	const { user = 'ann', content = 'Hello', priority = 'interactive', ...rest } = options;
	return { user, priority, messages: [{ role: 'user', content }], options: { temperature: 0, maxTokens: 64, seed: 1, ...rest } };
};

/** A stream that is read in the background, and what came of it. */
export function follow(pool: Pool, spec: ModelSpec, request: PoolRequest = ask()) {
	const controller = new AbortController();
	const events: ChatEvent[] = [];
	const waiting = new Set<() => void>();
	const done = (async () => {
		for await (const event of pool.stream(spec, request, controller.signal)) {
			events.push(event);
			for (const look of waiting) look();
		}
		return events;
	})();
	done.catch(() => undefined);
	return {
		events,
		/** all events; rejects with what the stream threw */
		done,
		abort: () => controller.abort(),
		text: () => events.map((event) => (event.type === 'text' ? event.text : '')).join(''),
		get finish() {
			const last = events.at(-1);
			return last?.type === 'finish' ? last.reason : undefined;
		},
		/** the first event that matches; rejects when the stream ends without one */
		until: (matches: (event: ChatEvent) => boolean): Promise<ChatEvent> =>
			new Promise((resolve, reject) => {
				const look = (): void => {
					const found = events.find(matches);
					if (!found) return;
					waiting.delete(look);
					resolve(found);
				};
				waiting.add(look);
				look();
				done.then(() => reject(new Error('the stream ended without that event')), reject);
			})
	};
}

export const isText = (event: ChatEvent): boolean => event.type === 'text';

/** Looks again and again until it is so. */
export async function eventually(isSo: () => boolean | Promise<boolean>, limitMs = 25_000): Promise<void> {
	for (const since = performance.now(); !(await isSo()); await new Promise((resolve) => setTimeout(resolve, 10)))
		if (performance.now() - since > limitMs) throw new Error(`not so within ${limitMs} ms: ${isSo.toString()}`);
}

/** Whether a process still runs; one that has ended and was not yet waited for does not. */
export function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
}
