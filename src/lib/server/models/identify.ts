import { basename } from 'node:path';
import type { GgufHeader } from '../pool/engine/gguf.ts';

/** What a GGUF file is, told by its metadata first and by its name second. */
export type ModelFacts = {
	name: string;
	description: string;
	version: string;
	family: string;
	architecture: string;
	quantization: string;
	parameterCount: number | null;
	contextLength: number | null;
	hasChatTemplate: boolean;
	purpose: 'generate' | 'embed' | 'rank';
};

/** llama.cpp's file types by number (`llama_ftype` in llama.h), as file names write them. */
const fileTypes: Record<number, string> = {
	0: 'F32', 1: 'F16', 2: 'Q4_0', 3: 'Q4_1', 7: 'Q8_0', 8: 'Q5_0', 9: 'Q5_1', 10: 'Q2_K', 11: 'Q3_K_S', 12: 'Q3_K_M', 13: 'Q3_K_L', 14: 'Q4_K_S', 15: 'Q4_K_M',
	16: 'Q5_K_S', 17: 'Q5_K_M', 18: 'Q6_K', 19: 'IQ2_XXS', 20: 'IQ2_XS', 21: 'Q2_K_S', 22: 'IQ3_XS', 23: 'IQ3_XXS', 24: 'IQ1_S', 25: 'IQ4_NL', 26: 'IQ3_S', 27: 'IQ3_M',
	28: 'IQ2_S', 29: 'IQ2_M', 30: 'IQ4_XS', 31: 'IQ1_M', 32: 'BF16', 36: 'TQ1_0', 37: 'TQ2_0', 38: 'MXFP4'
};

const text = (value: unknown) => (typeof value === 'string' ? value.trim() : '');
const count = (value: unknown) => (typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : null);

/** `3` → `3.0`: whole versions are written so (the contract's section 3). */
const wholeVersion = (version: string) => (/^\d+$/.test(version) ? `${version}.0` : version);

/** `llama-3-8b` → family `llama`, version `3.0`; `qwen2.5-0.5b` → `qwen`, `2.5`. Sizes such as `8b` are no versions. */
function fromName(name: string): { family: string; version: string } {
	const match = /^([a-z]+)[-_ ]?v?(\d+(?:\.\d+)*)?(?![\d.]*[bm]\b)/i.exec(name);
	return { family: match?.[1]?.toLowerCase() ?? '', version: match?.[2] ?? '' };
}

/** The model's name: its file's, without extension and the number of a split file's first part. */
export const nameOfFile = (path: string) => basename(path).replace(/\.gguf$/i, '').replace(/-00001-of-\d{5}$/, '');

/** Facts of a file from its header. Pure. */
export function identifyModel(path: string, header: GgufHeader): ModelFacts {
	const { metadata, tensors } = header;
	const architecture = text(metadata['general.architecture']);
	const name = nameOfFile(path);
	const named = fromName(name);
	const base = fromName(text(metadata['general.basename']) || text(metadata['general.name']));
	const pooling = metadata[`${architecture}.pooling_type`];
	const title = text(metadata['general.name']) || name;
	return {
		name,
		description: text(metadata['general.description']) || [title, text(metadata['general.size_label'])].filter(Boolean).join(' '),
		version: wholeVersion(text(metadata['general.version']).replace(/^v(?=\d)/i, '') || base.version || named.version),
		family: (base.family && base.version ? base.family : '') || named.family || architecture,
		architecture,
		quantization: fileTypes[metadata['general.file_type'] as number] ?? /(?:^|[-._])((?:I?Q\d(?:_\w+)?|F16|BF16|F32))$/i.exec(name)?.[1]?.toUpperCase() ?? '',
		parameterCount: count(metadata['general.parameter_count']) ?? (Number(tensors.reduce((sum, tensor) => sum + tensor.dimensions.reduce((a, b) => a * b, 1n), 0n)) || null),
		contextLength: count(metadata[`${architecture}.context_length`]),
		hasChatTemplate: text(metadata['tokenizer.chat_template']) !== '',
		purpose: pooling === 4 ? 'rank' : typeof pooling === 'number' && pooling > 0 ? 'embed' : 'generate'
	};
}
