/** Opens a model file with node-llama-cpp: the only import of that package. */
import { basename } from 'node:path';
import type { Llama, LlamaContext, LlamaModel } from 'node-llama-cpp';
import { AppError, isAbort } from '../../errors.ts';
import type { EngineOptions } from './protocol.ts';

export type LoadedModel = { llama: Llama; model: LlamaModel; context: LlamaContext; dispose(): Promise<void> };

/** lines of llama.cpp's log that are kept: they hold the only reason of a failed load */
const keptLines = 20;

const cacheTypes = { f32: 'F32', f16: 'F16', q8_0: 'Q8_0', q4_0: 'Q4_0' } as const;

/** What llama.cpp said when it refused a file: the first error it names, else all that it said. Without the file's path. */
function reasonOf(lines: readonly string[], thrown: unknown, modelPath: string): string {
	const named = lines.map((line) => /error loading model[^:]*: (.+)/u.exec(line)?.[1]).find((text) => text !== undefined);
	const said = named ?? [...new Set(lines.map((line) => line.trim()))].join(' ');
	const words = said !== '' ? said : thrown instanceof Error ? thrown.message : String(thrown);
	return words.trim().replaceAll(modelPath, basename(modelPath)).slice(0, 1000);
}

/**
 * Loads weights and makes the one context with all its sequences. `onLoading` gets 0–1. Throws MODEL_LOAD_ERROR with
 * llama.cpp's own words, or the signal's reason when aborted; nothing stays allocated then.
 */
export async function loadModel(options: EngineOptions, onLoading: (fraction: number) => void, signal: AbortSignal | undefined): Promise<LoadedModel> {
	signal?.throwIfAborted();
	const { getLlama, InsufficientMemoryError, LlamaLogLevel } = await import('node-llama-cpp');
	const lines: string[] = [];
	const llama = await getLlama({
		gpu: options.gpuLayers === 0 ? false : 'auto',
		build: 'never', // a compiler here would take minutes, and GCC 12 miscompiles a kernel
		maxThreads: options.threads, // its default spins max(4, cores) threads
		logLevel: LlamaLogLevel.error,
		logger: (_level, message) => {
			lines.push(message);
			if (lines.length > keptLines) lines.shift();
		}
	});
	let model: LlamaModel | undefined;
	try {
		model = await llama.loadModel({
			modelPath: options.modelPath,
			gpuLayers: options.gpuLayers,
			onLoadProgress: onLoading,
			...(signal ? { loadSignal: signal } : {})
		});
		const context = await model.createContext({
			contextSize: options.contextLength,
			sequences: options.slots,
			batchSize: options.batchSize,
			threads: options.threads,
			flashAttention: options.flashAttention,
			failedCreationRemedy: false, // a smaller context than asked for would be a silent truncation
			experimentalKvCacheKeyType: cacheTypes[options.kvCacheType],
			experimentalKvCacheValueType: cacheTypes[options.kvCacheType],
			...(signal ? { createSignal: signal } : {})
		});
		return {
			llama,
			model,
			context,
			async dispose() {
				await context.dispose();
				await model!.dispose();
				await llama.dispose();
			}
		};
	} catch (thrown) {
		await model?.dispose();
		await llama.dispose();
		signal?.throwIfAborted();
		if (thrown instanceof AppError || isAbort(thrown)) throw thrown;
		if (thrown instanceof InsufficientMemoryError) throw new AppError('MODEL_DOES_NOT_FIT', `${basename(options.modelPath)} does not fit into memory. ${thrown.message}`, { cause: thrown });
		throw new AppError('MODEL_LOAD_ERROR', `${basename(options.modelPath)} cannot be loaded. llama.cpp says: ${reasonOf(lines, thrown, options.modelPath)}`, { cause: thrown });
	}
}
