import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it as test } from 'vitest';
import { ask, eventually, follow, isText, openPool, sentence, type OpenPool } from '../../../../tests/support/pool/open-pool.ts';
import { writeBrokenModel } from '../../../../tests/support/models.ts';
import { sampled } from '../../../../tests/support/sample.ts';
import { AppError } from '../errors.ts';
import type { PoolOptions } from './pool.ts';

const never = (): AbortSignal => new AbortController().signal;
const codeOf = (promise: Promise<unknown>): Promise<string> => promise.then(() => 'no error', (error: unknown) => (error instanceof AppError ? error.code : String(error)));

describe.each(['process', 'none'] as const)('the pool, isolation %s', (isolation) => {
	/** The pool is the same in both, and a process of its own for each engine costs five times as much; cancelling goes another way, so it is seen whole. */
	const it = (name: string, run: () => Promise<void>): void => {
		if (isolation === 'none' || sampled(name, 1 / 3)) test(name, run);
	};
	const opened: OpenPool[] = [];
	const open = (options: Partial<PoolOptions> = {}): OpenPool => {
		opened.push(openPool({ isolation, ...options }));
		return opened.at(-1)!;
	};
	afterEach(async () => {
		for (const each of opened.splice(0)) await each.close();
	});
	/** One pool for what needs no own: a load costs most of a second. */
	const common = openPool({ isolation, maxLoaded: () => 8 });
	afterAll(() => common.close());
	const shared = (): OpenPool => {
		common.events.length = 0;
		return common;
	};

	it('loads a model once for ten first requests at the same time, and answers all', async () => {
		const { pool, scripted, count } = shared();
		const streams = Array.from({ length: 10 }, () => follow(pool, scripted()));
		for (const stream of streams) {
			await stream.done;
			expect(stream.text()).toBe(sentence);
			expect(stream.finish).toBe('stop');
		}
		expect(count('loadStarted')).toBe(1);
		expect(count('finished')).toBe(10);
	});

	it('tells of the load, and counts the times of usage from the request', async () => {
		const { pool, scripted } = shared();
		const model = scripted('cold');
		const started = performance.now();
		const events = await follow(pool, model).done;
		const elapsed = performance.now() - started;
		const fractions = events.flatMap((event) => (event.type === 'progress' && event.phase === 'loading' ? [event.fraction] : []));
		expect(fractions.length).toBeGreaterThan(0);
		expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
		const usage = events.find((event) => event.type === 'usage')!;
		expect(usage.queueMs).toBeGreaterThan(0);
		expect(usage.timeToFirstTokenMs!).toBeGreaterThanOrEqual(usage.queueMs);
		expect(usage.durationMs).toBeGreaterThanOrEqual(usage.timeToFirstTokenMs!);
		expect(usage.durationMs).toBeLessThanOrEqual(elapsed);
		const again = await follow(pool, model).done;
		expect(again.filter((event) => event.type === 'progress' && event.phase !== 'prompt')).toEqual([]);
	});

	it('evicts the least recently used idle model for another', async () => {
		const { pool, scripted, events } = open();
		for (const key of ['a', 'b', 'a', 'c']) await follow(pool, scripted(key)).done;
		expect(events.filter((event) => event.type === 'evicted')).toEqual([{ type: 'evicted', key: 'b', model: 'b', inFavourOf: 'c' }]);
		expect(pool.states().map((state) => [state.key, state.phase])).toEqual([['a', 'running'], ['b', 'stopped'], ['c', 'running']]);
	});

	it('never evicts a busy model: the other waits until its answers have ended', async () => {
		const { pool, scripted, endless, events } = open({ maxLoaded: () => 1, turnMs: 50 });
		const long = follow(pool, endless(), ask({ maxTokens: 1500 }));
		await long.until(isText);
		const other = follow(pool, scripted());
		await other.until((event) => event.type === 'progress' && event.phase === 'queued');
		await other.done;
		expect(long.finish).toBe('length');
		expect(long.events.find((event) => event.type === 'usage')?.completionTokens).toBe(1500);
		expect(other.text()).toBe(sentence);
		const order = events.map((event) => `${event.type} ${event.key}`);
		expect(order.indexOf('finished endless')).toBeLessThan(order.indexOf('evicted endless'));
	});

	it('takes turns between models that compete for one place, instead of loading for each request', async () => {
		const { pool, scripted, count } = open({ maxLoaded: () => 1 });
		const streams = Array.from({ length: 12 }, (_, i) => follow(pool, scripted(i % 2 ? 'a' : 'b'), ask({ user: `user${i}` })));
		for (const stream of streams) await stream.done;
		expect(streams.every((stream) => stream.text() === sentence)).toBe(true);
		expect(count('loadStarted')).toBe(2);
	});

	it('does not let a model with endless work keep its place from another', async () => {
		const { pool, scripted, endless, count } = open({ maxLoaded: () => 1, turnMs: 100 });
		const model = endless('busy');
		let stop = false;
		const worker = async (): Promise<void> => {
			while (!stop) await follow(pool, model, ask({ maxTokens: 100 })).done;
		};
		const work = [worker(), worker()];
		await eventually(() => count('finished', 'busy') > 0);
		const other = follow(pool, scripted());
		await other.done;
		stop = true;
		await Promise.all(work);
		expect(other.text()).toBe(sentence);
	});

	it('keeps a pinned model, and refuses others when every place is pinned', async () => {
		const { pool, scripted, count } = open({ maxLoaded: () => 1 });
		await follow(pool, scripted('a', { pinned: true })).done;
		expect(await codeOf(follow(pool, scripted('b')).done)).toBe('MODEL_DOES_NOT_FIT');
		pool.pin('a', false);
		await follow(pool, scripted('b')).done;
		expect(count('evicted', 'a')).toBe(1);
	});

	it('unloads a model that is not used, and loads it again on demand', async () => {
		const { pool, scripted, events, stateOf } = open();
		const model = scripted('a', { idleUnloadMs: 150 });
		await follow(pool, model).done;
		await eventually(() => stateOf('a')!.phase === 'stopped');
		expect(events.filter((event) => event.type === 'unloaded')).toEqual([{ type: 'unloaded', key: 'a', model: 'a', reason: 'idle' }]);
		const again = follow(pool, model);
		await again.done;
		expect(again.text()).toBe(sentence);
	});

	it('does not count an answer as idleness', async () => {
		const { pool, endless, count } = open();
		const long = follow(pool, endless('a', { idleUnloadMs: 60 }), ask({ maxTokens: 1500 }));
		await long.done;
		expect(long.finish).toBe('length');
		expect(count('loadStarted')).toBe(1);
	});

	describe('cancelling', () => {
		test('while queued takes the request out of the line, and the engine never sees it', async () => {
			const { pool, endless, events, count, stateOf } = shared();
			const model = endless();
			const first = follow(pool, model, ask({ maxTokens: Infinity }));
			await first.until(isText);
			const second = follow(pool, model);
			await second.until((event) => event.type === 'progress' && event.phase === 'queued' && event.position === 1);
			second.abort();
			expect((await second.done).at(-1)).toEqual({ type: 'finish', reason: 'cancelled' });
			expect(stateOf('endless')).toMatchObject({ slotsBusy: 1, queued: 0 });
			expect(events.filter((event) => event.type === 'cancelled').map((event) => event.phase)).toEqual(['queued']);
			expect(count('granted')).toBe(1);
			first.abort();
			await first.done;
		});

		test('while loading ends a load that nobody else waits for', async () => {
			const { pool, scripted, events, count, stateOf } = shared();
			const only = follow(pool, scripted('unloaded'));
			await only.until((event) => event.type === 'progress' && event.phase === 'loading');
			only.abort();
			await only.done;
			expect(only.finish).toBe('cancelled');
			await eventually(() => count('loadCancelled') === 1);
			expect(stateOf('unloaded')!.phase).toBe('stopped');
			expect(events.filter((event) => event.type === 'cancelled').map((event) => event.phase)).toEqual(['loading']);
			expect(count('loadFinished')).toBe(0);
		});

		test('while loading leaves the load to those who still wait', async () => {
			const { pool, scripted, count } = shared();
			const [one, two] = [follow(pool, scripted('halfway')), follow(pool, scripted('halfway'))];
			await one.until((event) => event.type === 'progress' && event.phase === 'loading');
			one.abort();
			await two.done;
			expect(two.text()).toBe(sentence);
			expect(count('loadStarted')).toBe(1);
		});

		test('while the prompt is read stops the engine', async () => {
			const { pool, endless, events, engineBusy } = shared();
			await pool.load(endless(), never());
			const reading = follow(pool, endless(), ask({ content: 'word '.repeat(3000) }));
			await reading.until((event) => event.type === 'progress' && event.phase === 'prompt');
			reading.abort();
			await eventually(async () => (await engineBusy('endless')) === 0, 1000);
			expect((await reading.done).at(-1)).toEqual({ type: 'finish', reason: 'cancelled' });
			expect(reading.text()).toBe('');
			expect(events.flatMap((event) => (event.type === 'cancelled' ? [event.phase] : []))).toEqual(['prompt']);
		});

		test('while it answers stops the engine', async () => {
			const { pool, endless, events, engineBusy } = shared();
			const answer = follow(pool, endless(), ask({ maxTokens: Infinity }));
			await answer.until(isText);
			expect(await engineBusy('endless')).toBe(1);
			answer.abort();
			await eventually(async () => (await engineBusy('endless')) === 0, 1000);
			const last = (await answer.done).slice(-2);
			expect(last).toMatchObject([{ type: 'usage' }, { type: 'finish', reason: 'cancelled' }]);
			expect(events.flatMap((event) => (event.type === 'cancelled' ? [event.phase] : []))).toEqual(['decoding']);
		});

		test('works by leaving the loop, and when nobody reads any more', async () => {
			const { pool, endless, engineBusy, stateOf } = shared();
			for await (const event of pool.stream(endless(), ask({ maxTokens: Infinity }), never())) if (event.type === 'text') break;
			await eventually(async () => (await engineBusy('endless')) === 0, 1000);

			const controller = new AbortController();
			const unread = pool.stream(endless(), ask({ maxTokens: Infinity }), controller.signal)[Symbol.asyncIterator]();
			for (let next = await unread.next(); next.value?.type !== 'text'; next = await unread.next());
			expect(await engineBusy('endless')).toBe(1);
			controller.abort();
			await eventually(async () => (await engineBusy('endless')) === 0, 1000);
			expect(stateOf('endless')!.slotsBusy).toBe(0);
		});

		test('before it begins costs nothing', async () => {
			const { pool, scripted, count } = shared();
			const events = [];
			for await (const event of pool.stream(scripted('never'), ask(), AbortSignal.abort())) events.push(event);
			expect(events.at(-1)).toEqual({ type: 'finish', reason: 'cancelled' });
			await new Promise((resolve) => setTimeout(resolve, 50));
			expect(count('loadStarted')).toBe(0);
		});
	});

	describe('the line', () => {
		it('is bounded, for a model and for a user, and says when to come back', async () => {
			const { pool, endless } = open({ queue: { total: 3, perUser: 2 } });
			const model = endless('a');
			const running = follow(pool, model, ask({ maxTokens: Infinity }));
			await running.until(isText);
			const waiting = [follow(pool, model), follow(pool, model)];
			const refusal = await follow(pool, model).done.catch((error: unknown) => error as AppError);
			expect(refusal).toMatchObject({ code: 'TOO_MANY_STREAMS' });
			waiting.push(follow(pool, model, ask({ user: 'bob' })));
			const full = await follow(pool, model, ask({ user: 'eve' })).done.catch((error: unknown) => error as AppError);
			expect(full).toMatchObject({ code: 'QUEUE_FULL' });
			expect((full as AppError).retryAfterSeconds).toBeGreaterThanOrEqual(1);
			for (const stream of [...waiting, running]) stream.abort();
			await Promise.all(waiting.map((stream) => stream.done));
		});

		it('lets a user with one request pass another who has many', async () => {
			const { pool, endless, events } = shared();
			const model = endless();
			await pool.load(model, never());
			const heavy = Array.from({ length: 6 }, () => follow(pool, model, ask({ user: 'heavy', maxTokens: 50 })));
			const light = follow(pool, model, ask({ user: 'light', maxTokens: 50 }));
			await Promise.all([...heavy, light].map((stream) => stream.done));
			const served = events.flatMap((event) => (event.type === 'granted' ? [event.user] : []));
			expect(served.indexOf('light')).toBeLessThanOrEqual(2);
		});

		it('tells each where he stands, and later how long it will take', async () => {
			const { pool, endless } = shared();
			const model = endless();
			await follow(pool, model, ask({ maxTokens: 200 })).done;
			const streams = ['a', 'b', 'c'].map((user) => follow(pool, model, ask({ user, maxTokens: 200 })));
			await Promise.all(streams.map((stream) => stream.done));
			const places = streams.map((stream) => stream.events.flatMap((event) => (event.type === 'progress' && event.phase === 'queued' ? [event] : [])));
			expect(places.map((each) => each.map((event) => event.position))).toEqual([[], [1], [2, 1]]);
			expect(places.flat().every((event) => event.estimateMs! > 0)).toBe(true);
		});
	});

	describe('loading', () => {
		it('is asked for without a request, once for many', async () => {
			const { pool, scripted, count } = shared();
			const states = await Promise.all([pool.load(scripted('asked'), never()), pool.load(scripted('asked'), never())]);
			expect(states[1]).toMatchObject({ key: 'asked', phase: 'running', contextLength: 512, slots: 2, slotsBusy: 0 });
			await pool.load(scripted('asked'), never());
			expect(count('loadStarted')).toBe(1);
		});

		it('ends when who asked for it leaves', async () => {
			const { pool, scripted, count } = shared();
			const controller = new AbortController();
			const load = pool.load(scripted('left'), controller.signal);
			await eventually(() => count('loadStarted') === 1);
			controller.abort();
			await expect(load).rejects.toThrow('aborted');
			await eventually(() => count('loadCancelled') === 1);
		});

		it('fails with a time-out when it takes too long', async () => {
			const { pool, scripted, stateOf } = shared();
			expect(await codeOf(pool.load(scripted('slow', { loadTimeoutMs: 1 }), never()))).toBe('TIMEOUT');
			expect(stateOf('slow')).toMatchObject({ phase: 'error', error: expect.stringContaining('took longer than') as string });
			await pool.load(scripted('slow'), never());
			expect(stateOf('slow')!.phase).toBe('running');
		});

		it('fails for a missing file without naming its folder', async () => {
			const { pool, specOf, dir } = shared();
			const error = await follow(pool, specOf('gone', join(dir, 'gone.gguf'))).done.catch((thrown: unknown) => thrown as AppError);
			expect(error).toMatchObject({ code: 'MODEL_LOAD_ERROR' });
			expect((error as AppError).message).not.toContain(dir);
		});

		it('fails for a file that is no model, and others go on', async () => {
			const { pool, specOf, scripted, dir, stateOf } = shared();
			writeFileSync(join(dir, 'text.gguf'), 'not a model');
			expect(await codeOf(follow(pool, specOf('text', join(dir, 'text.gguf'))).done)).toBe('MODEL_LOAD_ERROR');
			expect(stateOf('text')).toMatchObject({ phase: 'error', error: expect.stringContaining('GGUF') as string });
			await follow(pool, scripted()).done;
		});

		it('is refused with the figures when the model cannot fit', async () => {
			const { pool, endless } = open({ freeBytes: () => 100 * 2 ** 20 });
			const error = await follow(pool, endless()).done.catch((thrown: unknown) => thrown as AppError);
			expect(error).toMatchObject({ code: 'MODEL_DOES_NOT_FIT', message: expect.stringMatching(/needs 0\.\d\d GiB \(weights .* KV cache .* for 1 × 16384 tokens.* 0\.10 GiB can be made free/) as string });
			expect((error as AppError).retryAfterSeconds).toBeGreaterThan(0);
		});

		it('takes fewer slots and a shorter context rather than refusing', async () => {
			const { pool, endless } = open({ freeBytes: () => 163 * 2 ** 20 });
			const { slots, contextLength } = await pool.load(endless('a', {}, { contextLength: 1_000_000, slots: 4 }), never());
			expect(slots).toBe(1);
			expect(contextLength).toBeLessThan(32_768);
			expect(contextLength).toBeGreaterThanOrEqual(2048);
		});
	});

	it('passes on why a request is refused, and the model serves the next one', async () => {
		const { pool, scripted, stateOf } = shared();
		expect(await codeOf(follow(pool, scripted(), ask({ content: 'word '.repeat(800) })).done)).toBe('CONTEXT_LENGTH_EXCEEDED');
		expect(await codeOf(follow(pool, scripted(), { ...ask(), messages: [{ role: 'user', content: '', unsupportedParts: ['image_url'] }] }).done)).toBe('UNSUPPORTED_PARAMETER');
		const good = follow(pool, scripted());
		await good.done;
		expect(good.text()).toBe(sentence);
		expect(stateOf('scripted')!.slotsBusy).toBe(0);
	});

	it('counts the tokens of a prompt, loading the model for it', async () => {
		const { pool, scripted } = shared();
		const tokens = await pool.countPrompt(scripted(), ask(), never());
		const usage = (await follow(pool, scripted()).done).find((event) => event.type === 'usage');
		expect(tokens).toBe(usage!.promptTokens);
	});

	it('opens a model anew with changed options once it is idle', async () => {
		const { pool, endless, events, stateOf } = open();
		const long = follow(pool, endless('a'), ask({ maxTokens: 500 }));
		await long.until(isText);
		const changed = endless('a', {}, { slots: 3 });
		const next = follow(pool, changed, ask({ maxTokens: 5 }));
		await next.done;
		expect(long.finish).toBe('length');
		expect(next.finish).toBe('length');
		await eventually(() => stateOf('a')!.slots === 3);
		expect(events.flatMap((event) => (event.type === 'unloaded' ? [event.reason] : []))).toEqual(['options']);
	});

	it('unloads on demand after the running answers, or by force at once', async () => {
		const { pool, endless, stateOf } = open();
		const short = follow(pool, endless(), ask({ maxTokens: 300 }));
		await short.until(isText);
		await pool.unload('endless');
		expect(short.finish).toBe('length');
		expect(stateOf('endless')!.phase).toBe('stopped');

		const long = follow(pool, endless(), ask({ maxTokens: Infinity }));
		await long.until(isText);
		const waiting = follow(pool, endless());
		await pool.unload('endless', { force: true });
		expect((await long.done).at(-1)).toEqual({ type: 'finish', reason: 'cancelled' });
		expect(await codeOf(waiting.done)).toBe('CONFLICT');
		expect(stateOf('endless')!.phase).toBe('stopped');
	});

	it('ends everything within a second when it is closed with streams open', async () => {
		const { pool, endless } = open();
		const long = follow(pool, endless('a'), ask({ maxTokens: Infinity }));
		await long.until(isText);
		const waiting = follow(pool, endless('a'));
		const started = performance.now();
		await pool.close();
		expect(performance.now() - started).toBeLessThan(1500);
		expect((await long.done).at(-1)).toEqual({ type: 'finish', reason: 'cancelled' });
		expect((await waiting.done).at(-1)).toEqual({ type: 'finish', reason: 'cancelled' });
		expect(await codeOf(follow(pool, endless()).done)).toBe('QUEUE_FULL');
	});

	for (const name of ['no-heads', 'absurd-layers', 'double-token', 'truncated'] as const)
		it(`answers a file with ${name} with a clear error, and lives on`, async () => {
			const { pool, specOf, scripted, dir } = shared();
			const error = await follow(pool, specOf(name, writeBrokenModel(dir, name))).done.catch((thrown: unknown) => thrown as AppError);
			expect(error).toMatchObject({ code: 'MODEL_LOAD_ERROR' });
			const good = follow(pool, scripted());
			await good.done;
			expect(good.text()).toBe(sentence);
		});
});
