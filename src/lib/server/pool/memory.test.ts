import { describe, expect, it } from 'vitest';
import { estimateMemory, explainMisfit, fitToMemory } from './memory.ts';
import type { ModelShape } from './model-shape.ts';

const mebibyte = 2 ** 20;
/** Qwen2.5 0.5B in q4_0. */
const half: ModelShape = { fileBytes: 268 * mebibyte, repackedBytes: 266 * mebibyte, cacheElements: 24 * 2 * 128, vocabularySize: 151_936 };
const options = (contextLength: number, slots: number, kvCacheType: 'f16' | 'q8_0' = 'f16') => ({ contextLength, slots, kvCacheType, threads: 3 });

describe('memory of a model', () => {
	it('estimates within 10 % of the resident bytes that were measured', () => {
		expect(estimateMemory(half, options(2048, 1)).total / mebibyte / 821).toBeCloseTo(1, 1);
		expect(estimateMemory(half, options(8192, 4)).total / mebibyte / 1180).toBeCloseTo(1, 1);
	});

	it('counts two bytes an element, every slot and every token', () => {
		expect(estimateMemory(half, options(1024, 2)).cache).toBe(24 * 2 * 128 * 2 * 1024 * 2);
		expect(estimateMemory(half, options(1024, 2, 'q8_0')).cache).toBe((24 * 2 * 128 * 34 * 1024 * 2) / 32);
	});

	it('keeps the options when they fit', () => {
		expect(fitToMemory(half, options(8192, 4), 2000 * mebibyte)?.options).toEqual(options(8192, 4));
	});

	it('takes fewer slots first, then a shorter context', () => {
		const base = estimateMemory(half, options(0, 0)).total;
		const cells = (count: number): number => base + 24 * 2 * 128 * 2 * count;
		expect(fitToMemory(half, options(8192, 4), cells(16_384))?.options).toEqual(options(8192, 2));
		expect(fitToMemory(half, options(8192, 4), cells(8192))?.options).toEqual(options(8192, 1));
		expect(fitToMemory(half, options(8192, 4), cells(5000))?.options).toEqual(options(4096, 1));
		expect(fitToMemory(half, options(8192, 4), cells(2047))).toBeUndefined();
	});

	it('brings a product of millions of tokens down before anything is allocated', () => {
		const fit = fitToMemory(half, options(1_048_576, 64), 4096 * mebibyte)!;
		expect(fit.estimate.total).toBeLessThanOrEqual(4096 * mebibyte);
		expect(fit.options).toEqual(options(262_144, 1));
	});

	it('never raises a context that is already short', () => {
		expect(fitToMemory(half, options(512, 2), 0)).toBeUndefined();
		expect(fitToMemory(half, options(512, 2), estimateMemory(half, options(512, 1)).total)?.options).toEqual(options(512, 1));
	});

	it('explains a refusal with its figures', () => {
		expect(explainMisfit('half', half, options(32_768, 8), 500 * mebibyte)).toBe(
			'The model "half" does not fit into memory: it needs 3.79 GiB (weights 0.52 GiB, KV cache 3.00 GiB for 8 × 32768 tokens, process 0.27 GiB), ' +
				'with 1 × 2048 tokens still 0.81 GiB, and 0.49 GiB can be made free. Use a smaller or more strongly quantised model, or unpin a loaded one.'
		);
	});
});
