import { basename } from 'node:path';
import type { GgufHeader } from '../pool/engine/gguf.ts';
import { quantizationOf } from './quantization.ts';

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

const text = (value: unknown) => (typeof value === 'string' ? value.trim() : '');
const count = (value: unknown) => (typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : null);

/** Families by the word that names begin or go on with; a vendor's name before it says nothing. */
const families =
	/(?:^|[^a-z])(tinyllama|codellama|llama|mistral|mixtral|ministral|codestral|magistral|devstral|qwen|qwq|gemma|codegemma|phi|deepseek|falcon|granite|smollm|olmo|yi|command|aya|gpt-oss|gpt2|bloom|mpt|stablelm|starcoder|internlm|baichuan|chatglm|glm|vicuna|zephyr|hermes|wizardlm|orca|solar|exaone|nemotron|minicpm|bge|nomic|jina|e5|gte|mxbai|snowflake|lfm)(?=[^a-z]|$)/i;

/** `3` → `3.0`: whole versions are written so (the contract's section 3). */
const wholeVersion = (version: string) => (/^\d+$/.test(version) ? `${version}.0` : version);

/** `llama-3-8b` → family `llama`, version `3`; `Meta Llama 3.1 8B` → `llama`, `3.1`; `mistral-7b-v0.2` → `mistral`, `0.2`. Sizes such as `8b` are no versions. */
function fromName(name: string): { family: string; version: string } {
	const known = families.exec(name);
	const family = known?.[1] ?? /^[a-z]+/i.exec(name)?.[0] ?? '';
	const rest = known ? name.slice(known.index + known[0].length) : name.slice(family.length);
	const version = /^[-_ ]?v?(\d+(?:\.\d+)*)(?![\d.]*[bmx]|\d)/i.exec(rest) ?? /[-_ ]v(\d+(?:\.\d+)*)(?=[-_ .]|$)/i.exec(rest);
	return { family: family.toLowerCase(), version: version?.[1] ?? '' };
}

/** The architecture, unless that is the one many families share and the file says which of them it is. */
function familyOf(architecture: string, titled: { known: boolean; family: string }): string {
	return architecture === 'llama' && titled.known ? titled.family : architecture;
}

/** The model's name: its file's, without extension and the number of a split file's first part. */
export const nameOfFile = (path: string) => basename(path).replace(/\.gguf$/i, '').replace(/-00001-of-\d{5}$/, '');

/** Facts of a file from its header. Pure. */
export function identifyModel(path: string, header: GgufHeader): ModelFacts {
	const { metadata, tensors } = header;
	const architecture = text(metadata['general.architecture']);
	const name = nameOfFile(path);
	const named = fromName(name);
	const title = text(metadata['general.basename']) || text(metadata['general.name']);
	const titled = { ...fromName(title), known: families.test(title) };
	const pooling = metadata[`${architecture}.pooling_type`];
	return {
		name,
		description: text(metadata['general.description']) || [text(metadata['general.name']) || name, text(metadata['general.size_label'])].filter(Boolean).join(' '),
		version: wholeVersion(text(metadata['general.version']).replace(/^v(?=\d)/i, '') || (titled.known ? titled.version : '') || named.version),
		family: familyOf(architecture, titled) || named.family,
		architecture,
		quantization: quantizationOf(metadata['general.file_type'], name),
		parameterCount: count(metadata['general.parameter_count']) ?? (Number(tensors.reduce((sum, tensor) => sum + tensor.dimensions.reduce((a, b) => a * b, 1n), 0n)) || null),
		contextLength: count(metadata[`${architecture}.context_length`]),
		hasChatTemplate: text(metadata['tokenizer.chat_template']) !== '',
		purpose: pooling === 4 ? 'rank' : typeof pooling === 'number' && pooling > 0 ? 'embed' : 'generate'
	};
}

/** Why a file with a valid header is still no model that can be chosen; undefined when it is one. */
export function whyNoModel(path: string, { metadata }: Pick<GgufHeader, 'metadata'>): string | undefined {
	const name = basename(path);
	const kind = text(metadata['general.type']);
	if (/mmproj/i.test(name) || text(metadata['general.architecture']) === 'clip' || kind === 'mmproj') return 'a projector, part of another model';
	if (kind === 'adapter' || kind === 'imatrix' || kind === 'vocab') return `no model of its own (${kind})`;
	if (/-(?!00001)\d{5}-of-\d{5}\.gguf$/i.test(name) || Number(metadata['split.no'] ?? 0) > 0) return 'a later part of a split model';
	return undefined;
}
