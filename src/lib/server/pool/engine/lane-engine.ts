/**
 * Engines that embed texts or rank documents: several contexts (lanes) side by side, each with one input at a time. All
 * requests share them, input by input, first come first served.
 */
import type { LlamaEmbeddingContext, LlamaModel, LlamaRankingContext } from 'node-llama-cpp';
import { AppError } from '../../errors.ts';
import { detokenizeAll } from './detokenize-all.ts';
import { createEventQueue } from './event-queue.ts';
import { usageOf } from './generation.ts';
import { joinedController } from './joined-controller.ts';
import type { LoadedLanes } from './load.ts';
import { nativeLaneOf } from './native.ts';
import type { Engine, EngineEvent, EngineOptions, EngineTask, GenerateRequest } from './protocol.ts';

/** One input's computation on a lane, and what it is known by before. */
type Job<L> = { tokens: number; run(lane: L): Promise<EngineEvent> };
/** The jobs of a task; throws what is wrong with it. */
type Plan<L> = (task: EngineTask) => Job<L>[];

/** Runs jobs on whichever lane is free. */
function createLanePool<L>(lanes: readonly L[]) {
	const waiting: ((lane: L) => Promise<void>)[] = [];
	const working = new Set<Promise<void>>();
	async function work(lane: L): Promise<void> {
		for (let job = waiting.shift(); job; job = waiting.shift()) await job(lane);
	}
	const idle = [...lanes];
	return {
		add(job: (lane: L) => Promise<void>): void {
			waiting.push(job);
			const lane = idle.pop();
			if (lane === undefined) return;
			const worker = work(lane).finally(() => {
				idle.push(lane);
				working.delete(worker);
			});
			working.add(worker);
		},
		get busy() {
			return lanes.length - idle.length;
		},
		async idle() {
			while (working.size > 0) await Promise.all(working);
		}
	};
}

function laneEngine<L>(options: EngineOptions, { llama, model, context: { lanes }, dispose }: LoadedLanes<unknown>, usable: readonly L[], contextLength: number, plan: Plan<L>, openedAt: number): Engine {
	const pool = createLanePool(usable);
	const closing = new AbortController();
	const vocabularySize = model.fileInfo.metadata.tokenizer.ggml.tokens.length;
	let lastBatch = 0;

	async function* generate({ task }: GenerateRequest, signal: AbortSignal): AsyncGenerator<EngineEvent> {
		const requestedAt = performance.now();
		if (closing.signal.aborted) throw new AppError('INTERNAL_ERROR', 'The engine is closed');
		if (!task) throw new AppError('UNSUPPORTED_PARAMETER', `This model is for ${options.purpose === 'embed' ? 'embeddings' : 'ranking'} and cannot answer chats`);
		const jobs = plan(task);
		const left = joinedController(signal, closing.signal);
		const aborted = left.signal;
		const queue = createEventQueue<EngineEvent>();
		let open = jobs.length;
		let promptTokens = 0;
		for (const job of jobs) {
			pool.add(async (lane) => {
				try {
					if (!aborted.aborted) {
						queue.push(await job.run(lane));
						promptTokens += lastBatch = job.tokens;
					}
				} catch (error) {
					queue.end(error);
					left.abort();
				}
				if (--open === 0) queue.end();
			});
		}
		if (open === 0) queue.end();
		aborted.addEventListener('abort', () => queue.end(), { once: true });
		try {
			for (let next = await queue.next(); !next.done; next = await queue.next()) yield next.value;
		} finally {
			left.abort();
		}
		yield usageOf({ promptTokens, completionTokens: 0, cachedTokens: 0, reasoningTokens: 0, contextLength }, { requestedAt, queueMs: 0 });
		yield { type: 'finish', reason: signal.aborted || closing.signal.aborted ? 'cancelled' : 'stop' };
	}

	return {
		info: {
			contextLength,
			slots: options.slots,
			trainContextLength: model.trainContextSize,
			vocabularySize,
			hasChatTemplate: false,
			gpu: llama.gpu,
			modelBytes: model.size,
			loadMs: Math.round(performance.now() - openedAt),
			opened: { batchSize: contextLength, threads: options.threads, gpuLayers: model.gpuLayers, flashAttention: false, kvCacheType: options.kvCacheType }
		},
		generate,
		countPrompt: async ({ prompt = '' }) => (typeof prompt === 'string' ? model.tokenize(prompt, false) : prompt).length,
		tokenize: async (text) => [...model.tokenize(text, false)],
		detokenize: async (tokens) => detokenizeAll(model, tokens, vocabularySize),
		async stats() {
			return { slotsBusy: pool.busy, kvUsed: 0, kvTotal: contextLength * lanes.length, rssBytes: 0, lastBatch };
		},
		forget: () => undefined,
		async close() {
			if (closing.signal.aborted) return;
			closing.abort();
			await pool.idle();
			await dispose();
		}
	};
}

const tooLong = (place: string, tokens: number, contextLength: number) =>
	new AppError('CONTEXT_LENGTH_EXCEEDED', `${place} has ${tokens} tokens, but this model reads at most ${contextLength} at a time. Shorten it or send it in parts.`);

/** A vector at length 1, as it travels. */
function encodeVector(vector: Float64Array): string {
	const length = Math.hypot(...vector);
	return Buffer.from(Float32Array.from(vector, (value) => (length > 0 ? value / length : 0)).buffer).toString('base64');
}

/** The tokens of an input with those that the model wants around them, as llama.cpp's own tokenizer adds them. */
function framed(model: LlamaModel, input: string | number[], addsSeparator: boolean): number[] {
	const tokens: number[] = typeof input === 'string' ? [...model.tokenize(input, false)] : [...input];
	const { bos, eos, sep, shouldPrependBosToken, shouldAppendEosToken } = model.tokens;
	const begin = addsSeparator || shouldPrependBosToken ? bos : null;
	const end = addsSeparator ? sep : shouldAppendEosToken ? eos : null;
	if (begin !== null && tokens[0] !== begin) tokens.unshift(begin);
	if (end !== null && tokens.at(-1) !== end) tokens.push(end);
	return tokens;
}

export function embeddingEngine(options: EngineOptions, loaded: LoadedLanes<LlamaEmbeddingContext>, openedAt: number): Engine {
	const { model, context } = loaded;
	const contextLength = Math.min(options.contextLength, model.trainContextSize);
	const addsSeparator = model.vocabularyType === 'wpm';
	const vocabularySize = model.fileInfo.metadata.tokenizer.ggml.tokens.length;
	const assertKnown = (tokens: Uint32Array, place: string): void => {
		const unknown = tokens.find((token) => token >= vocabularySize);
		if (unknown !== undefined) throw new AppError('VALIDATION_ERROR', `${place} names token ${unknown}, but this model has only the tokens 0 to ${vocabularySize - 1}`);
	};
	const plan: Plan<ReturnType<typeof nativeLaneOf>> = (task) => {
		if (task.type !== 'embed') throw new AppError('UNSUPPORTED_PARAMETER', 'This model is for embeddings and cannot rank documents');
		return task.inputs.map((input, index) => {
			const tokens = Uint32Array.from(framed(model, input, addsSeparator));
			assertKnown(tokens, `input[${index}]`);
			if (tokens.length === 0) throw new AppError('VALIDATION_ERROR', `input[${index}] is empty`);
			if (tokens.length > contextLength) throw tooLong(`input[${index}]`, tokens.length, contextLength);
			return {
				tokens: tokens.length,
				async run(lane) {
					lane.disposeSequence(0);
					lane.initBatch(tokens.length);
					lane.addToBatch(0, 0, tokens, tokens.map((_, i) => i));
					await lane.decodeBatch();
					return { type: 'vector', index, vector: encodeVector(lane.getEmbedding(tokens.length)) };
				}
			};
		});
	};
	return laneEngine(options, loaded, context.lanes.map(nativeLaneOf), contextLength, plan, openedAt);
}

export function rankingEngine(options: EngineOptions, loaded: LoadedLanes<LlamaRankingContext>, openedAt: number): Engine {
	const { model, context } = loaded;
	const contextLength = Math.min(options.contextLength, model.trainContextSize);
	const plan: Plan<LlamaRankingContext> = (task) => {
		if (task.type !== 'rank') throw new AppError('UNSUPPORTED_PARAMETER', 'This model is for ranking and makes no embeddings');
		return task.documents.map((document, index) => {
			const tokens = context.lanes[0]!.calculateInputLength(task.query, document);
			if (tokens >= contextLength) throw tooLong(`documents[${index}] with the query`, tokens, contextLength);
			return { tokens, run: async (lane) => ({ type: 'score', index, score: await lane.rank(task.query, document) }) };
		});
	};
	return laneEngine(options, loaded, context.lanes, contextLength, plan, openedAt);
}
