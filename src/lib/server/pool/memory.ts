import type { EngineOptions } from './engine/protocol.ts';
import type { ModelShape } from './model-spec.ts';

/** Bytes an engine's process takes before its model. Measured: 100 to 117 MB. */
const processBytes = 100 * 2 ** 20;
/** On a CPU the weights are mapped from the file and repacked beside it for the processor's matrix kernels. */
const weightCopies = 2;
/** Bytes per element of the KV cache; the quantised types hold a 2-byte scale per 32 elements. */
const elementBytes: Record<EngineOptions['kvCacheType'], number> = { f32: 4, f16: 2, q8_0: 34 / 32, q4_0: 18 / 32 };
/** Below this many tokens a chat makes no sense; shrinking stops here. */
const leastContextLength = 2048;

type Sizes = Pick<EngineOptions, 'contextLength' | 'slots' | 'kvCacheType'>;
export type MemoryEstimate = { weights: number; cache: number; process: number; total: number };

/** Bytes a model will take when opened like this. Pure. */
export function estimateMemory(shape: ModelShape, sizes: Sizes): MemoryEstimate {
	const weights = weightCopies * shape.fileBytes;
	const cache = Math.ceil(shape.layers * shape.kvHeads * shape.headElements * elementBytes[sizes.kvCacheType] * sizes.contextLength * sizes.slots);
	return { weights, cache, process: processBytes, total: weights + cache + processBytes };
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

const gigabytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(bytes < 2 ** 30 ? 2 : 1)} GiB`;

/** Why a model can't be loaded, with the figures. Pure. */
export function explainMisfit(name: string, shape: ModelShape, options: Sizes, reachableBytes: number): string {
	const full = estimateMemory(shape, options);
	const least = leastSizes(options);
	return (
		`The model "${name}" does not fit into memory: it needs ${gigabytes(full.total)} ` +
		`(weights ${gigabytes(full.weights)}, KV cache ${gigabytes(full.cache)} for ${options.slots} × ${options.contextLength} tokens, process ${gigabytes(full.process)}), ` +
		`with ${least.slots} × ${least.contextLength} tokens still ${gigabytes(estimateMemory(shape, least).total)}, ` +
		`and ${gigabytes(Math.max(0, reachableBytes))} can be made free. Use a smaller or more strongly quantised model, or unpin a loaded one.`
	);
}
