/** From chat options to the configuration of llama.cpp's sampler chain. */
import { AppError } from '../../errors.ts';
import type { GenerateRequest } from './protocol.ts';
import type { NativeSamplerConfig } from './native.ts';

/** llama.cpp's `penalty_last_n`: how far back a repeat penalty looks, prompt included. */
const repeatWindow = 64;
/** 2³²−1 means "random" to llama.cpp; a seed that falls on it moves by one. */
const randomSeed = 0xffffffff;

type SamplingContext = {
	options: GenerateRequest['options'];
	prompt: readonly number[];
	/** the answer's tokens so far: none, or all when a configuration is applied anew */
	generated: readonly number[];
	vocabularySize: number;
	/** tokens that must not be chosen now: ends (`ignoreEnd`, or fewer than `minTokens` so far), and what a grammar can't have */
	banned: Iterable<number>;
	/** the token that must be chosen now, whatever else is said */
	forced?: number | undefined;
};

/**
 * OpenAI's presence and frequency penalties count the whole answer and nothing of the prompt. With a repeat penalty there is
 * llama.cpp's one window for all three: the last 64 tokens, the prompt's included.
 */
function penalties({ options, prompt, generated }: SamplingContext): Partial<NativeSamplerConfig> {
	const { presencePenalty = 0, frequencyPenalty = 0, maxTokens } = options;
	const repeatPenalty = options.repeatPenalty || 1; // 0 would divide by zero: off
	if (repeatPenalty === 1 && presencePenalty === 0 && frequencyPenalty === 0) return {};
	const isRepeat = repeatPenalty !== 1;
	return {
		repeatPenalty,
		repeatPenaltyPresencePenalty: presencePenalty,
		repeatPenaltyFrequencyPenalty: frequencyPenalty,
		repeatPenaltyMaxTokens: isRepeat ? repeatWindow : Math.max(1, maxTokens),
		repeatPenaltyTokens: Uint32Array.from(isRepeat ? [...prompt.slice(-repeatWindow), ...generated].slice(-repeatWindow) : generated)
	};
}

function biases({ options, vocabularySize, banned, forced }: SamplingContext): Partial<NativeSamplerConfig> {
	const bias = new Map(Object.entries(options.logitBias ?? {}).map(([token, value]) => [Number(token), value]));
	for (const token of bias.keys()) {
		if (token >= vocabularySize) throw new AppError('VALIDATION_ERROR', `logit_bias names token ${token}, but this model has only the tokens 0 to ${vocabularySize - 1}`);
	}
	for (const token of banned) bias.set(token, -Infinity);
	if (forced !== undefined) bias.set(forced, 1e9);
	return bias.size === 0 ? {} : { tokenBiasKeys: Uint32Array.from(bias.keys()), tokenBiasValues: Float32Array.from(bias.values()) };
}

/**
 * The native configuration. `options.maxTokens` must be finite here (bounded by the context). The sampler takes note of each
 * token by itself, so one application suffices, unless `banned` changes.
 */
export function samplerConfig(context: SamplingContext): NativeSamplerConfig {
	const { temperature, seed, topK, topP, minP } = context.options;
	const seed32 = seed >>> 0;
	return {
		temperature,
		seed: seed32 === randomSeed ? seed32 - 1 : seed32,
		...(topK === undefined ? {} : { topK }),
		...(topP === undefined ? {} : { topP }),
		...(minP === undefined ? {} : { minP }),
		...penalties(context),
		...biases(context)
	};
}
