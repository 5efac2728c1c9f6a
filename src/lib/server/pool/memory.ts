import type { EngineOptions } from './engine/protocol.ts';
import type { ModelShape } from './model-shape.ts';

const mebibyte = 2 ** 20;
/** Bytes an engine's process takes before its model, measured: 81 MiB of its own and 62 MiB of libraries. */
const processBytes = 143 * mebibyte;
/** Bytes per token of the vocabulary: texts in both heaps and the logits. Measured between 820 and 940 with 151,936 tokens. */
const vocabularyBytes = 900;
/** Bytes per element of the KV cache; the quantised types hold a 2-byte scale per 32 elements. */
const elementBytes: Record<EngineOptions['kvCacheType'], number> = { f32: 4, f16: 2, q8_0: 34 / 32, q4_0: 18 / 32 };
/** Below this many tokens a chat makes no sense; shrinking stops here. */
const leastContextLength = 2048;

type Sizes = Pick<EngineOptions, 'contextLength' | 'slots' | 'kvCacheType'>;
export type MemoryEstimate = { weights: number; cache: number; process: number; total: number };

/**
 * Bytes of memory a model will take on a CPU when opened like this: the mapped file, the copy of what is repacked, the KV cache,
 * the process. Within 8 % of the resident size for q4_0 and q8_0 of the 0.5B shape with 2,048 to 32,768 cells.
 */
export function estimateMemory(shape: ModelShape, { contextLength, slots, kvCacheType }: Sizes): MemoryEstimate {
	const weights = shape.fileBytes + shape.repackedBytes;
	const cache = Math.ceil(shape.cacheElements * elementBytes[kvCacheType] * contextLength * slots);
	const process = processBytes + vocabularyBytes * shape.vocabularySize;
	return { weights, cache, process, total: weights + cache + process };
}

/** The smallest sizes that shrinking may end at. */
export function leastSizes<T extends Sizes>(options: T): T {
	return { ...options, slots: 1, contextLength: Math.min(options.contextLength, leastContextLength) };
}

/**
 * The options, made smaller until the model fits into `freeBytes`: first fewer slots, then a shorter context.
 * @returns undefined when even the smallest does not fit
 */
export function fitToMemory<T extends Sizes>(shape: ModelShape, options: T, freeBytes: number): { options: T; estimate: MemoryEstimate } | undefined {
	const least = leastSizes(options);
	let tried = options;
	for (;;) {
		const estimate = estimateMemory(shape, tried);
		if (estimate.total <= freeBytes) return { options: tried, estimate };
		if (tried.slots > 1) tried = { ...tried, slots: Math.floor(tried.slots / 2) };
		else if (tried.contextLength > least.contextLength) tried = { ...tried, contextLength: Math.max(least.contextLength, Math.floor(tried.contextLength / 2)) };
		else return undefined;
	}
}

const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(bytes < 10 * 2 ** 30 ? 2 : 1)} GiB`;

/** Why a model can't be loaded, with the figures. */
export function explainMisfit(name: string, shape: ModelShape, options: Sizes, reachableBytes: number): string {
	const full = estimateMemory(shape, options);
	const least = leastSizes(options);
	return (
		`The model "${name}" does not fit into memory: it needs ${gibibytes(full.total)} ` +
		`(weights ${gibibytes(full.weights)}, KV cache ${gibibytes(full.cache)} for ${options.slots} × ${options.contextLength} tokens, process ${gibibytes(full.process)}), ` +
		`with ${least.slots} × ${least.contextLength} tokens still ${gibibytes(estimateMemory(shape, least).total)}, ` +
		`and ${gibibytes(Math.max(0, reachableBytes))} can be made free. Use a smaller or more strongly quantised model, or unpin a loaded one.`
	);
}
