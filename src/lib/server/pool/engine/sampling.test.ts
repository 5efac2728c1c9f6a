import { describe, expect, it } from 'vitest';
import { samplerConfig } from './sampling.ts';

const context = (options: object, more: object = {}) => ({
	options: { temperature: 0.7, maxTokens: 100, seed: 5, ...options },
	prompt: Array.from({ length: 100 }, (_, i) => i),
	generated: [] as number[],
	vocabularySize: 1000,
	banned: [] as number[],
	...more
});

describe('samplerConfig', () => {
	it('holds only what was asked for', () => {
		expect(samplerConfig(context({}))).toEqual({ temperature: 0.7, seed: 5 });
		expect(samplerConfig(context({ topK: 0, topP: 1, minP: 0.1 }))).toEqual({ temperature: 0.7, seed: 5, topK: 0, topP: 1, minP: 0.1 });
	});

	it('brings every seed into 32 bits, and never onto the one that means random', () => {
		const seeds = [-1, 4_294_967_295, 2 ** 53 - 1, -(2 ** 53) + 1, 4_294_967_297].map((seed) => samplerConfig(context({ seed })).seed);
		expect(seeds).toEqual([0xfffffffe, 0xfffffffe, 0xfffffffe, 1, 1]);
	});

	it('counts only the answer for presence and frequency penalties', () => {
		const config = samplerConfig(context({ presencePenalty: 1, frequencyPenalty: 0.5 }, { generated: [7, 8] }));
		expect(config).toMatchObject({ repeatPenalty: 1, repeatPenaltyPresencePenalty: 1, repeatPenaltyFrequencyPenalty: 0.5, repeatPenaltyMaxTokens: 100 });
		expect([...config.repeatPenaltyTokens!]).toEqual([7, 8]);
	});

	it('looks back 64 tokens over prompt and answer for a repeat penalty', () => {
		const config = samplerConfig(context({ repeatPenalty: 1.1 }, { generated: [500] }));
		expect(config.repeatPenaltyMaxTokens).toBe(64);
		expect([...config.repeatPenaltyTokens!]).toEqual([...Array.from({ length: 63 }, (_, i) => 37 + i), 500]);
	});

	it('takes a repeat penalty of 0 or 1 as none', () => {
		for (const repeatPenalty of [0, 1]) expect(samplerConfig(context({ repeatPenalty }))).not.toHaveProperty('repeatPenalty');
	});

	it('joins biases and banned tokens', () => {
		const config = samplerConfig(context({ logitBias: { '3': 5, '9': -100 } }, { banned: [9, 10] }));
		expect([[...config.tokenBiasKeys!], [...config.tokenBiasValues!]]).toEqual([[3, 9, 10], [5, -Infinity, -Infinity]]);
	});

	it('refuses a bias on a token that the model does not have', () => {
		expect(() => samplerConfig(context({ logitBias: { '1000': 1 } }))).toThrow(/logit_bias names token 1000/);
	});
});
