/**
 * The lock-step scheduler: one loop that gathers all running streams into one batch, decodes it, samples for every stream,
 * hands the tokens out, and begins again. Decode tokens go first, prefill takes first-come what is left of the batch, less where it
 * is slow, so a long prompt delays the others by at most one batch. Sequences stand in the batch in ascending order, because llama.cpp
 * joins them into one pass only then. Streams are added and end between batches: an abort frees its sequence within one.
 */
import { AppError } from '../../errors.ts';
import { readLogits, type NativeContext, type NativeSampler, type RawLogits } from './native.ts';
import { createPromptPace, enoughPrompt } from './prompt-pace.ts';

/** One running generation, as the scheduler sees it. */
export type Stream = {
	readonly sequenceId: number;
	readonly sampler: NativeSampler;
	/** wants the raw logits of each sampled token and of the `top` highest; `plain` is its own plain sampler */
	readonly logits?: { plain: NativeSampler; top: number };
	/** the stream ends with an error when choosing one token took longer */
	readonly mostSampleMs?: number;
	/** tokens still to be decoded, never empty while the stream runs */
	pending: Uint32Array;
	/** position of the first pending token = tokens of this sequence that are in the KV cache */
	position: number;
	/** guesses what follows, where guesses can be taken back */
	readonly lookup?: { guess(): readonly number[]; learn(right: number, guessed: number): void };
	/** looked at between batches; true ends the stream */
	isAborted(): boolean;
	/** before the first batch; the only time to touch the sequence's cells: elsewhere a batch may be decoding in another thread */
	onStart(): void;
	/** after a batch that held a part of the prompt but not its end */
	onPrompt(): void;
	/** a sampled token, with its logits where they are wanted; false ends the stream */
	onToken(token: number, logits?: RawLogits): boolean;
	/** the last call; with an error when decoding failed, and then the sequence's cells are not to be trusted */
	onEnd(error?: unknown): void;
};

export type BatchItem<T> = { stream: T; count: number };

/**
 * Who gets how many tokens of the next batch, in the order of the batch; of prompts no more than `mostPrompt`. Pure. Short prompts
 * share a batch; once there is enough for one, the next prompt waits: read together, each would have its first token only when all are read.
 */
export function planBatch<T extends Pick<Stream, 'sequenceId' | 'pending'>>(streams: readonly T[], batchSize: number, mostPrompt = batchSize): BatchItem<T>[] {
	let room = batchSize;
	const plan: BatchItem<T>[] = [];
	const take = (stream: T) => {
		const count = Math.min(room, stream.pending.length);
		if (count > 0) plan.push({ stream, count });
		room -= count;
	};
	for (const stream of streams) if (stream.pending.length === 1) take(stream);
	room = Math.min(room, mostPrompt);
	const enough = room - enoughPrompt;
	for (const stream of streams) if (stream.pending.length > 1 && room > enough) take(stream);
	return plan.sort((a, b) => a.stream.sequenceId - b.stream.sequenceId);
}

export type Scheduler = {
	/** Joins with the next batch. After `onStart` the sequence must hold exactly the cells below `position`. */
	add(stream: Stream): void;
	/** Runs work on the context that takes its time, while no batch is decoded; batches wait for it. */
	between<T>(work: () => Promise<T>): Promise<T>;
	/** tokens in the last decoded batch */
	readonly lastBatch: number;
	/** Resolves when no stream is left. */
	idle(): Promise<void>;
};

type Sampled = { stream: Stream; logitIndex: number };
type Choice = { stream: Stream; token: number; logits?: RawLogits; error?: unknown };

const tooAmbiguous = new AppError('UNSUPPORTED_PARAMETER', 'The JSON schema has too many ways to read an answer. Make its alternatives (anyOf, optional parts) differ from their beginning.');
const noTokens = new Uint32Array(0);
/** lets what has arrived in the meantime (requests, aborts) join before a batch */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** `batchSize`: tokens per batch, at least the number of sequences. `inTurn`: the context's work is done by one thread, in the order in which it is asked. */
export function createScheduler(context: NativeContext, batchSize: number, { inTurn = false }: { inTurn?: boolean } = {}): Scheduler {
	const streams = new Set<Stream>();
	const joining: Stream[] = [];
	const breaks: (() => Promise<unknown>)[] = [];
	const pace = createPromptPace(batchSize);
	/** when the last batch was decoded or the last token chosen: one after another, so that none counts what it waited for the others */
	let chosenAt = 0;
	let lastBatch = 0;
	let running: Promise<void> | undefined;

	function end(stream: Stream, error?: unknown): void {
		streams.delete(stream);
		stream.onEnd(error);
	}

	/** Between batches: the aborted leave, the new ones join. */
	function gather(): void {
		for (const stream of [...streams]) if (stream.isAborted()) end(stream);
		for (const stream of joining.splice(0)) {
			if (stream.isAborted()) {
				end(stream);
				continue;
			}
			try {
				stream.onStart();
				streams.add(stream);
			} catch (error) {
				end(stream, error);
			}
		}
	}

	/** Fills and decodes one batch, and chooses a token for each stream whose pending tokens are all in. */
	async function decode(plan: BatchItem<Stream>[]): Promise<Choice[]> {
		lastBatch = plan.reduce((sum, item) => sum + item.count, 0);
		context.initBatch(lastBatch);
		const sampled: Sampled[] = [];
		let promptTokens = 0;
		for (const { stream, count } of plan) {
			if (stream.pending.length > 1) promptTokens += count;
			const isLast = count === stream.pending.length;
			const at = context.addToBatch(stream.sequenceId, stream.position, stream.pending.subarray(0, count), isLast ? Uint32Array.of(count - 1) : noTokens);
			if (isLast) sampled.push({ stream, logitIndex: at[0]! });
		}
		const from = performance.now();
		const decoded = context.decodeBatch().then(() => {
			pace.saw({ tokens: lastBatch, promptTokens, ms: performance.now() - from });
			chosenAt = performance.now();
		});
		// asked for at once where one thread does what it is asked in turn: it then need not wait for ours in between
		const chosen = inTurn ? Promise.all(sampled.map(sample)) : undefined;
		try {
			await decoded;
		} catch (error) {
			await chosen; // their samplers are in use till then
			throw error;
		}
		for (const { stream, count } of plan) {
			stream.position += count;
			stream.pending = stream.pending.subarray(count);
			if (stream.pending.length > 0) stream.onPrompt();
		}
		return chosen ?? Promise.all(sampled.filter(({ stream }) => !stream.isAborted()).map(sample));
	}

	/** Never rejects. */
	async function sample({ stream, logitIndex }: Sampled): Promise<Choice> {
		try {
			const token = await context.sampleToken(logitIndex, stream.sampler);
			const ms = performance.now() - chosenAt;
			chosenAt += ms;
			if (ms > (stream.mostSampleMs ?? Infinity)) return { stream, token, error: tooAmbiguous };
			if (token < 0) return { stream, token, error: new Error('No token could be sampled') };
			return stream.logits ? { stream, token, logits: await readLogits(context, logitIndex, stream.logits.plain, token, stream.logits.top) } : { stream, token };
		} catch (error) {
			return { stream, token: -1, error };
		}
	}

	/**
	 * Decodes a stream's next token together with what is guessed to follow it, and takes as much of that as sampling agrees with:
	 * each token is sampled as it would be without. What was guessed wrong is forgotten again.
	 */
	async function decodeGuess(stream: Stream, guess: readonly number[]): Promise<void> {
		const begin = stream.position;
		const decoded = [...stream.pending, ...guess];
		lastBatch = decoded.length;
		context.initBatch(decoded.length);
		const at = context.addToBatch(stream.sequenceId, begin, Uint32Array.from(decoded), Uint32Array.from(decoded.keys()));
		try {
			await context.decodeBatch();
		} catch (error) {
			return end(stream, error);
		}
		chosenAt = performance.now();
		let right = 0;
		let ends: { error?: unknown } | undefined;
		for (const [i, logitIndex] of at.entries()) {
			stream.position = begin + i + 1;
			stream.pending = noTokens;
			if (stream.isAborted()) break;
			const { token, logits, error } = await sample({ stream, logitIndex });
			if (error !== undefined || !stream.onToken(token, logits)) {
				ends = { error };
				break;
			}
			stream.pending = Uint32Array.of(token);
			if (token !== guess[i]) break;
			right++;
		}
		if (stream.position < begin + decoded.length) context.removeTokenCellsFromSequence(stream.sequenceId, stream.position, -1);
		stream.lookup!.learn(right, guess.length);
		if (ends) end(stream, ends.error);
	}

	/** What a stream that runs alone may say next. Among several, each has its share of the batch and guesses would only take from it. */
	function guessAlone(): { stream: Stream; guess: readonly number[] } | undefined {
		const [stream] = streams;
		if (streams.size !== 1 || !stream?.lookup || stream.pending.length !== 1) return undefined;
		const guess = stream.lookup.guess().slice(0, batchSize - 1);
		return guess.length > 0 ? { stream, guess } : undefined;
	}

	async function step(): Promise<void> {
		if (breaks.length > 0) {
			for (const work of breaks.splice(0)) await work();
			await turn(); // a stream that waited for it joins this batch, not the one after
		}
		gather();
		const alone = guessAlone();
		if (alone) return decodeGuess(alone.stream, alone.guess);
		const plan = planBatch([...streams], batchSize, pace.most);
		if (plan.length === 0) return;
		let decoded;
		try {
			decoded = await decode(plan);
		} catch (error) {
			for (const { stream } of plan) end(stream, error);
			return;
		}
		for (const { stream, token, logits, error } of decoded) {
			if (stream.isAborted()) continue; // it leaves before the next batch
			if (error !== undefined) end(stream, error);
			else if (stream.onToken(token, logits)) stream.pending = Uint32Array.of(token);
			else end(stream);
		}
	}

	async function run(): Promise<void> {
		await turn();
		while (streams.size + joining.length + breaks.length > 0) await step();
		running = undefined;
	}

	return {
		add(stream) {
			joining.push(stream);
			running ??= run();
		},
		between: (work) =>
			new Promise((resolve, reject) => {
				breaks.push(() => work().then(resolve, reject));
				running ??= run();
			}),
		get lastBatch() {
			return lastBatch;
		},
		async idle() {
			await running;
		}
	};
}
