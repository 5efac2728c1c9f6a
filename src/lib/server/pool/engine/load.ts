/** Opens a model file with node-llama-cpp: the only import of that package. */
import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import type { Llama, LlamaContext, LlamaEmbeddingContext, LlamaModel, LlamaRankingContext } from 'node-llama-cpp';
import { AppError } from '../../errors.ts';
import type { EngineOptions } from './protocol.ts';

type Disposable = { dispose(): Promise<void> };
export type Loaded<T> = { llama: Llama; model: LlamaModel; context: T; dispose(): Promise<void> };
export type LoadedModel = Loaded<LlamaContext>;
/** Contexts of one sequence each, which compute at the same time. */
export type LoadedLanes<T> = Loaded<{ lanes: T[] }>;

const cacheTypes = { f32: 'F32', f16: 'F16', q8_0: 'Q8_0', q4_0: 'Q4_0' } as const;

/** lines of llama.cpp's log that are kept: they hold the only reason of a failed load */
const keptLines = 50;
let logged: string[] = [];

/** By whether a GPU is used. Logger and backend are the process's, not the instance's: a second instance would take them from the first, and disposing it would end both. */
const instances = new Map<boolean, Promise<Llama>>();

async function llamaFor(gpuLayers: EngineOptions['gpuLayers'], threads: number): Promise<Llama> {
	const { getLlama, LlamaLogLevel } = await import('node-llama-cpp');
	const usesGpu = gpuLayers !== 0;
	let instance = instances.get(usesGpu);
	if (!instance) {
		instance = getLlama({
			gpu: usesGpu ? 'auto' : false,
			build: 'never', // a compiler here would take minutes, and GCC 12 miscompiles a kernel
			maxThreads: threads, // its default spins max(4, cores) threads
			logLevel: LlamaLogLevel.error,
			logger: (_level, message) => (logged = [...logged, message].slice(-keptLines))
		});
		instances.set(usesGpu, instance);
		instance.catch(() => instances.delete(usesGpu));
	}
	const llama = await instance;
	llama.maxThreads = Math.max(llama.maxThreads, threads);
	return llama;
}

/** What llama.cpp said when it refused a file: the first error it names, else all that it said. Without the file's path. */
function reasonOf(lines: readonly string[], thrown: unknown, modelPath: string): string {
	const named = lines.map((line) => /error loading model[^:]*: (.+)/u.exec(line)?.[1]).find((text) => text !== undefined);
	const said = named ?? [...new Set(lines.map((line) => line.trim()))].join(' ');
	const words = said !== '' ? said : thrown instanceof Error ? thrown.message : String(thrown);
	return words.trim().replaceAll(modelPath, basename(modelPath)).slice(0, 1000);
}

/**
 * Loads weights and makes what they are used through. `onLoading` gets 0–1. Throws MODEL_LOAD_ERROR with llama.cpp's own
 * words, MODEL_DOES_NOT_FIT, or the signal's reason when aborted; nothing stays allocated then.
 */
async function load<T extends Disposable>(options: EngineOptions, onLoading: (fraction: number) => void, signal: AbortSignal | undefined, createContext: (model: LlamaModel, threads: number) => Promise<T>): Promise<Loaded<T>> {
	signal?.throwIfAborted();
	const { InsufficientMemoryError } = await import('node-llama-cpp');
	const name = basename(options.modelPath);
	let model: LlamaModel | undefined;
	logged = [];
	try {
		// threads spin while they wait for each other: more than there are cores take minutes for what one does in milliseconds
		const threads = Math.min(options.threads, availableParallelism());
		const llama = await llamaFor(options.gpuLayers, threads);
		model = await llama.loadModel({
			modelPath: options.modelPath,
			gpuLayers: options.gpuLayers,
			defaultContextFlashAttention: options.flashAttention, // contexts for embeddings and ranking take no other word for it
			onLoadProgress: onLoading,
			...(signal ? { loadSignal: signal } : {})
		});
		const context = await createContext(model, threads);
		const dispose = async () => {
			await context.dispose();
			await model!.dispose();
		};
		return { llama, model, context, dispose };
	} catch (thrown) {
		await model?.dispose();
		signal?.throwIfAborted();
		if (thrown instanceof AppError) throw thrown;
		if (thrown instanceof InsufficientMemoryError) throw new AppError('MODEL_DOES_NOT_FIT', `${name} does not fit into memory. ${thrown.message}`, { cause: thrown });
		await new Promise((resolve) => setImmediate(resolve)); // the log arrives through the event loop
		throw new AppError('MODEL_LOAD_ERROR', `${name} cannot be loaded. llama.cpp says: ${reasonOf(logged, thrown, options.modelPath)}`, { cause: thrown });
	}
}

/** Loads a model to generate with: one context with all its sequences. */
export const loadModel = (options: EngineOptions, onLoading: (fraction: number) => void, signal: AbortSignal | undefined): Promise<LoadedModel> =>
	load(options, onLoading, signal, (model, threads) =>
		model.createContext({
			contextSize: options.contextLength,
			sequences: options.slots,
			batchSize: options.batchSize,
			threads,
			flashAttention: options.flashAttention,
			failedCreationRemedy: false, // a smaller context than asked for would be a silent truncation
			experimentalKvCacheKeyType: cacheTypes[options.kvCacheType],
			experimentalKvCacheValueType: cacheTypes[options.kvCacheType],
			...(signal ? { createSignal: signal } : {})
		})
	);

/** `slots` contexts, no more than there are cores, that share the threads: the addon tells the vector of a context's first sequence alone. */
async function createLanes<T extends Disposable>(slots: number, threads: number, create: (threads: number) => Promise<T>): Promise<{ lanes: T[] } & Disposable> {
	const lanes: T[] = [];
	const dispose = async () => {
		await Promise.all(lanes.map((lane) => lane.dispose()));
	};
	try {
		const count = Math.min(slots, availableParallelism());
		while (lanes.length < count) lanes.push(await create(Math.max(1, Math.floor(threads / count))));
		return { lanes, dispose };
	} catch (error) {
		await dispose();
		throw error;
	}
}

/** A model's inputs go through one batch: those that look both ways can't read an input in parts. */
const laneOptions = ({ contextLength }: EngineOptions, model: LlamaModel, threads: number) => {
	const contextSize = Math.min(contextLength, model.trainContextSize);
	return { contextSize, batchSize: contextSize, threads };
};

export const loadEmbedder = (options: EngineOptions, onLoading: (fraction: number) => void, signal: AbortSignal | undefined): Promise<LoadedLanes<LlamaEmbeddingContext>> =>
	load(options, onLoading, signal, (model, threads) => createLanes(options.slots, threads, (each) => model.createEmbeddingContext(laneOptions(options, model, each))));

/** Throws UNSUPPORTED_PARAMETER for a model without a rank head. */
export const loadRanker = (options: EngineOptions, onLoading: (fraction: number) => void, signal: AbortSignal | undefined): Promise<LoadedLanes<LlamaRankingContext>> =>
	load(options, onLoading, signal, (model, threads) => {
		if (!model.fileInsights.supportsRanking) throw new AppError('UNSUPPORTED_PARAMETER', `${basename(options.modelPath)} cannot rank documents`);
		return createLanes(options.slots, threads, (each) => model.createRankingContext(laneOptions(options, model, each)));
	});
