/** The shapes that models are made in. */
import type { TensorType } from './tensor-types.ts';

export type Shape = {
	/** `general.architecture`; llama, qwen2 and qwen3 get the tensors that llama.cpp asks of them */
	architecture: string;
	layers: number;
	/** elements of a token's vector */
	width: number;
	feedForward: number;
	heads: number;
	kvHeads: number;
	headWidth: number;
	vocabulary: number;
	contextLength: number;
	ropeBase: number;
	/** the output head is the embedding, as in small Qwen models */
	tied: boolean;
	type: TensorType;
	name: string;
	sizeLabel: string;
};

export type PresetName = 'tiny' | 'mid' | 'qwen2.5-0.5b' | 'qwen3-0.6b';

export const presets: Record<PresetName, Shape> = {
	tiny: {
		architecture: 'llama',
		layers: 4,
		width: 128,
		feedForward: 384,
		heads: 4,
		kvHeads: 2,
		headWidth: 32,
		vocabulary: 1280,
		contextLength: 2048,
		ropeBase: 10_000,
		tied: false,
		type: 'f16',
		name: 'Tiny Random',
		sizeLabel: '1M'
	},
	mid: {
		architecture: 'qwen2',
		layers: 12,
		width: 512,
		feedForward: 2048,
		heads: 8,
		kvHeads: 2,
		headWidth: 64,
		vocabulary: 32_768,
		contextLength: 8192,
		ropeBase: 1_000_000,
		tied: true,
		type: 'q4_0',
		name: 'Random 62M',
		sizeLabel: '62M'
	},
	'qwen2.5-0.5b': {
		architecture: 'qwen2',
		layers: 24,
		width: 896,
		feedForward: 4864,
		heads: 14,
		kvHeads: 2,
		headWidth: 64,
		vocabulary: 151_936,
		contextLength: 32_768,
		ropeBase: 1_000_000,
		tied: true,
		type: 'q4_0',
		name: 'Random Qwen2.5 0.5B',
		sizeLabel: '494M'
	},
	'qwen3-0.6b': {
		architecture: 'qwen3',
		layers: 28,
		width: 1024,
		feedForward: 3072,
		heads: 16,
		kvHeads: 8,
		headWidth: 128,
		vocabulary: 151_936,
		contextLength: 40_960,
		ropeBase: 1_000_000,
		tied: true,
		type: 'q4_0',
		name: 'Random Qwen3 0.6B',
		sizeLabel: '596M'
	}
};
