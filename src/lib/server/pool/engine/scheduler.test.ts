import { describe, expect, it } from 'vitest';
import type { NativeContext } from './native.ts';
import { createScheduler, planBatch, type Stream } from './scheduler.ts';

const part = (sequenceId: number, pending: number) => ({ sequenceId, pending: new Uint32Array(pending) });
const plan = (streams: { sequenceId: number; pending: Uint32Array }[], size: number, mostPrompt?: number) => planBatch(streams, size, mostPrompt).map(({ stream: { sequenceId }, count }) => [sequenceId, count]);

describe('planBatch', () => {
	it('orders sequences ascending, whatever order they came in', () => {
		expect(plan([part(3, 1), part(0, 1), part(2, 1)], 8)).toEqual([[0, 1], [2, 1], [3, 1]]);
	});

	it('serves every decoding stream before any prompt', () => {
		expect(plan([part(0, 100), part(1, 1), part(2, 1)], 10)).toEqual([[0, 8], [1, 1], [2, 1]]);
	});

	it('gives prompts what is left in the order they came', () => {
		expect(plan([part(2, 6), part(0, 100), part(1, 5)], 10)).toEqual([[0, 4], [2, 6]]);
	});

	it('gives prompts no more than they may have', () => {
		expect(plan([part(0, 1), part(1, 400), part(2, 1)], 512, 300)).toEqual([[0, 1], [1, 300], [2, 1]]);
	});

	it('reads short prompts together, and lets the next one wait once 64 tokens are in', () => {
		expect(plan([part(0, 1), part(1, 63), part(2, 100), part(3, 2)], 512)).toEqual([[0, 1], [1, 63], [2, 100]]);
		expect(plan([part(0, 1), part(1, 64), part(2, 2)], 512)).toEqual([[0, 1], [1, 64]]);
	});
});

/** A context that records its batches as [sequence, first position, tokens]; each sampled token is 100 + the batch's number. */
function createContext({ failAt = -1 } = {}) {
	const batches: number[][][] = [];
	let decoding = false;
	const native = {
		initBatch: () => batches.push([]),
		addToBatch(sequence: number, position: number, tokens: Uint32Array, logits: Uint32Array) {
			batches.at(-1)!.push([sequence, position, tokens.length]);
			return logits;
		},
		async decodeBatch() {
			decoding = true;
			await new Promise((resolve) => setTimeout(resolve, 1));
			decoding = false;
			if (batches.length - 1 === failAt) throw new Error('Eval has failed');
		},
		sampleToken: async () => 100 + batches.length - 1
	} as unknown as NativeContext;
	return { native, batches, isDecoding: () => decoding };
}

type Told = { started: boolean; tokens: number[]; ended: boolean; error: unknown };
function createStream(sequenceId: number, promptTokens: number, { tokens: most = 3, isAborted = () => false, onStart = () => {} }: { tokens?: number; isAborted?: () => boolean; onStart?: () => void } = {}) {
	const told: Told = { started: false, tokens: [], ended: false, error: undefined };
	const stream = {
		sequenceId,
		sampler: {},
		pending: new Uint32Array(promptTokens),
		position: 0,
		isAborted,
		onStart() {
			onStart();
			told.started = true;
		},
		onPrompt() {},
		onToken: (token: number) => told.tokens.push(token) < most,
		onEnd(error?: unknown) {
			Object.assign(told, { ended: true, error });
		}
	} as unknown as Stream;
	return { stream, told };
}

describe.each([false, true])('createScheduler, in turn: %s', (inTurn) => {
	it('decodes a prompt in chunks and then token by token, in lock-step with the others', async () => {
		const { native, batches } = createContext();
		const scheduler = createScheduler(native, 8, { inTurn });
		const [long, short] = [createStream(0, 12), createStream(1, 2)];
		scheduler.add(short.stream);
		scheduler.add(long.stream);
		await scheduler.idle();
		expect(batches).toEqual([
			[[0, 0, 6], [1, 0, 2]],
			[[0, 6, 6], [1, 2, 1]],
			[[0, 12, 1], [1, 3, 1]],
			[[0, 13, 1]]
		]);
		expect([long.told.tokens, short.told.tokens]).toEqual([[101, 102, 103], [100, 101, 102]]);
		expect(scheduler.lastBatch).toBe(1);
	});

	it('lets streams join only between batches', async () => {
		const { native, isDecoding } = createContext();
		const scheduler = createScheduler(native, 8, { inTurn });
		const moments: boolean[] = [];
		const first = createStream(0, 1, { tokens: 5 });
		const late = createStream(1, 1, { onStart: () => moments.push(isDecoding()) });
		scheduler.add(first.stream);
		while (!isDecoding()) await new Promise((resolve) => setImmediate(resolve));
		scheduler.add(late.stream);
		expect(late.told.started).toBe(false);
		await scheduler.idle();
		expect({ moments, ended: late.told.ended }).toEqual({ moments: [false], ended: true });
	});

	it('lets a stream that waited for work on the context join the very next batch', async () => {
		const { native, batches, isDecoding } = createContext();
		const scheduler = createScheduler(native, 8, { inTurn });
		const running = createStream(0, 1, { tokens: 5 });
		scheduler.add(running.stream);
		while (!isDecoding()) await new Promise((resolve) => setImmediate(resolve));
		const before = batches.length;
		const prepared = async () => scheduler.between(async () => 'ready');
		await (async () => prepared())();
		scheduler.add(createStream(1, 1).stream);
		await scheduler.idle();
		expect(batches[before]).toEqual([[0, expect.any(Number), 1], [1, 0, 1]]);
	});

	it('drops an aborted stream after the running batch, and one that never started untouched', async () => {
		const { native, batches } = createContext();
		const scheduler = createScheduler(native, 8, { inTurn });
		const leaving = createStream(0, 1, { tokens: Infinity, isAborted: () => batches.length >= 3 });
		const gone = createStream(1, 1, { isAborted: () => true });
		scheduler.add(leaving.stream);
		scheduler.add(gone.stream);
		await scheduler.idle();
		expect(batches.length).toBe(3);
		expect(leaving.told).toMatchObject({ tokens: [100, 101], ended: true, error: undefined });
		expect(gone.told).toEqual({ started: false, tokens: [], ended: true, error: undefined });
	});

	it('ends the streams of a failed batch with its error, and goes on with the next', async () => {
		const { native } = createContext({ failAt: 1 });
		const scheduler = createScheduler(native, 8, { inTurn });
		const failing = createStream(0, 1);
		scheduler.add(failing.stream);
		await scheduler.idle();
		expect(failing.told).toMatchObject({ tokens: [100], error: new Error('Eval has failed') });
		const next = createStream(0, 1);
		scheduler.add(next.stream);
		await scheduler.idle();
		expect(next.told).toMatchObject({ ended: true, error: undefined });
	});

	it('ends a stream that cannot start, and only that one', async () => {
		const { native } = createContext();
		const scheduler = createScheduler(native, 8, { inTurn });
		const broken = createStream(0, 1, { onStart: () => { throw new Error('no cells'); } });
		const sound = createStream(1, 1);
		scheduler.add(broken.stream);
		scheduler.add(sound.stream);
		await scheduler.idle();
		expect([broken.told.error, sound.told.tokens.length]).toEqual([new Error('no cells'), 3]);
	});

	it('asks for the choice of a token with its batch only where one thread does both in turn', async () => {
		const { native, isDecoding } = createContext();
		const whileDecoding: boolean[] = [];
		const { sampleToken } = native;
		native.sampleToken = ((...call: Parameters<typeof sampleToken>) => {
			whileDecoding.push(isDecoding());
			return sampleToken(...call);
		}) as typeof sampleToken;
		const { stream } = createStream(0, 12, { tokens: 2 });
		const scheduler = createScheduler(native, 8, { inTurn });
		scheduler.add(stream);
		await scheduler.idle();
		expect(whileDecoding).toEqual([inTurn, inTurn]);
	});

	it("ends a stream whose token takes too long to choose, and not the one that waited for it", async () => {
		const { native } = createContext();
		const slow = createStream(0, 2, { tokens: 1 });
		const waiting = createStream(1, 3, { tokens: 1 });
		let before = Promise.resolve();
		native.sampleToken = ((logitIndex: number) => {
			before = before.then(() => new Promise((resolve) => setTimeout(resolve, logitIndex === 1 ? 300 : 1)));
			return before.then(() => 7);
		}) as unknown as typeof native.sampleToken;
		const scheduler = createScheduler(native, 8, { inTurn });
		for (const { stream } of [slow, waiting]) scheduler.add({ ...stream, mostSampleMs: 200 });
		await scheduler.idle();
		expect(slow.told.error).toMatchObject({ code: 'UNSUPPORTED_PARAMETER' });
		expect([waiting.told.error, waiting.told.tokens]).toEqual([undefined, [7]]);
	});

	describe('with guesses', () => {
		/** A model that counts: after token n it says n + 1. */
		function createCounter() {
			const calls: string[] = [];
			let batch: number[] = [];
			const native = {
				initBatch: () => (batch = []),
				addToBatch(sequence: number, position: number, tokens: Uint32Array, logits: Uint32Array) {
					calls.push(`${position}: ${[...tokens].join(' ')}`);
					batch = [...tokens];
					return logits;
				},
				decodeBatch: async () => {},
				sampleToken: async (at: number) => batch[at]! + 1,
				removeTokenCellsFromSequence: (_sequence: number, from: number) => calls.push(`forget from ${from}`)
			} as unknown as NativeContext;
			return { native, calls };
		}

		async function count(guesses: number[][], most: number, isAborted?: (tokens: number[]) => boolean) {
			const { native, calls } = createCounter();
			const scheduler = createScheduler(native, 8);
			const { stream, told } = createStream(0, 2, { tokens: most, isAborted: () => isAborted?.(told.tokens) ?? false });
			const learned: number[][] = [];
			Object.assign(stream, { lookup: { guess: () => guesses.shift() ?? [], learn: (...counts: number[]) => learned.push(counts) } });
			scheduler.add(stream);
			await scheduler.idle();
			return { calls, learned, told, position: stream.position };
		}

		it('takes what was guessed right and one token more from one batch, and forgets what was guessed wrong', async () => {
			const { calls, learned, told } = await count([[2, 3], [9, 9]], 6);
			expect(told.tokens).toEqual([1, 2, 3, 4, 5, 6]);
			expect(calls).toEqual(['0: 0 0', '2: 1 2 3', '5: 4 9 9', 'forget from 6', '6: 5']);
			expect(learned).toEqual([[2, 2], [0, 2]]);
		});

		it('holds only what was said when the answer ends within a guess', async () => {
			const { calls, told, position } = await count([[2, 3, 4]], 3);
			expect(told).toMatchObject({ tokens: [1, 2, 3], ended: true, error: undefined });
			expect([calls.at(-1), position]).toEqual(['forget from 4', 4]);
		});

		it('stops within a guess when it is aborted', async () => {
			const { calls, told, position } = await count([[2, 3, 4]], 9, (tokens) => tokens.length === 2);
			expect(told).toMatchObject({ tokens: [1, 2], ended: true });
			expect([calls.at(-1), position]).toEqual(['forget from 4', 4]);
		});
	});
});
