/** A well-known small model that answers instructions, for whoever has none yet. What it is good for stands in the catalogues under `starters.<id>`. */
export type Starter = {
	id: 'smollm2-360m' | 'llama-3.2-1b' | 'gemma-3-1b' | 'qwen2.5-1.5b' | 'phi-4-mini';
	title: string;
	/** on the hub */
	repo: string;
	quantization: string;
	/** of the file, as the hub lists it: to three figures */
	sizeBytes: number;
	/** SPDX where there is one, else what the licence calls itself */
	license: string;
	/** the licence's text, or the page of the model that carries it */
	licenseUrl: string;
};

/** By size. The quantizations are one maker's, under the licences of the models themselves. */
export const starters: readonly Starter[] = [
	{ id: 'smollm2-360m', title: 'SmolLM2 360M Instruct', repo: 'bartowski/SmolLM2-360M-Instruct-GGUF', quantization: 'Q4_K_M', sizeBytes: 271e6, license: 'Apache-2.0', licenseUrl: 'https://huggingface.co/HuggingFaceTB/SmolLM2-360M-Instruct' },
	{ id: 'llama-3.2-1b', title: 'Llama 3.2 1B Instruct', repo: 'bartowski/Llama-3.2-1B-Instruct-GGUF', quantization: 'Q4_K_M', sizeBytes: 808e6, license: 'Llama 3.2 Community License', licenseUrl: 'https://huggingface.co/meta-llama/Llama-3.2-1B-Instruct' },
	{ id: 'gemma-3-1b', title: 'Gemma 3 1B', repo: 'bartowski/google_gemma-3-1b-it-GGUF', quantization: 'Q4_K_M', sizeBytes: 806e6, license: 'Gemma Terms of Use', licenseUrl: 'https://ai.google.dev/gemma/terms' },
	{ id: 'qwen2.5-1.5b', title: 'Qwen2.5 1.5B Instruct', repo: 'bartowski/Qwen2.5-1.5B-Instruct-GGUF', quantization: 'Q4_K_M', sizeBytes: 986e6, license: 'Apache-2.0', licenseUrl: 'https://huggingface.co/Qwen/Qwen2.5-1.5B-Instruct' },
	{ id: 'phi-4-mini', title: 'Phi-4-mini Instruct', repo: 'bartowski/microsoft_Phi-4-mini-instruct-GGUF', quantization: 'Q4_K_M', sizeBytes: 2.49e9, license: 'MIT', licenseUrl: 'https://huggingface.co/microsoft/Phi-4-mini-instruct' }
];
