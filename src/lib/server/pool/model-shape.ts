import { stat } from 'node:fs/promises';
import { readGgufHeader, type GgufHeader, type GgufTensor } from './engine/gguf.ts';
import { partPaths } from './engine/precheck.ts';

/** What decides how much memory a model takes. */
export type ModelShape = {
	/** bytes of all parts of the file */
	fileBytes: number;
	/** bytes of tensors that a CPU copies into another order for its matrix kernels */
	repackedBytes: number;
	/** elements of the KV cache that one token takes, over all layers */
	cacheElements: number;
	/** tokens in the vocabulary */
	vocabularySize: number;
};

/**
 * ggml's types with a repacked form: bytes of a block and its elements. q4_0, q2_K, q4_K, iq4_nl everywhere;
 * q5_K, q6_K, q8_0 on ARM (ggml-cpu/repack.cpp).
 */
type Block = readonly [bytes: number, elements: number];
const repackedOnArm: Record<number, Block> = process.arch === 'arm64' ? { 8: [34, 32], 13: [176, 256], 14: [210, 256] } : {};
const repacked: Record<number, Block> = { 2: [18, 32], 10: [84, 256], 12: [144, 256], 20: [18, 32], ...repackedOnArm };

/** Bytes of the matrices that are multiplied with. Embeddings are looked up row by row, unless they are the output's matrix too. */
function repackedBytes(tensors: GgufTensor[]): number {
	const isTied = !tensors.some(({ name }) => name === 'output.weight');
	const bytesOf = ({ name, type, dimensions }: GgufTensor): number => {
		const block = repacked[type];
		if (!block || dimensions.length < 2 || (name === 'token_embd.weight' && !isTied)) return 0;
		return (Number(dimensions.reduce((product, length) => product * length, 1n)) / block[1]) * block[0];
	};
	return tensors.reduce((sum, tensor) => sum + bytesOf(tensor), 0);
}

/** Elements one token takes in the KV cache. 0 when the header says something impossible: the engine's check names what. */
function cacheElements({ metadata }: GgufHeader): number {
	const architecture = String(metadata['general.architecture']);
	const number = (name: string): number | undefined => {
		const value = metadata[`${architecture}.${name}`];
		return typeof value === 'number' ? value : undefined;
	};
	const layers = number('block_count') ?? 0;
	const heads = number('attention.head_count') ?? 0;
	const perLayer = metadata[`${architecture}.attention.head_count_kv`];
	const kvHeads = Array.isArray(perLayer) ? perLayer.reduce<number>((sum, value) => sum + Number(value), 0) : layers * (number('attention.head_count_kv') ?? heads);
	const headLength = (number('embedding_length') ?? 0) / heads;
	const elements = kvHeads * ((number('attention.key_length') ?? headLength) + (number('attention.value_length') ?? headLength));
	return layers <= 512 && elements >= 0 && elements < 2 ** 26 ? elements : 0;
}

/** The shape that the headers of a model's parts tell, the first one's first. */
export const shapeOf = (headers: [GgufHeader, ...GgufHeader[]]): ModelShape => ({
	fileBytes: headers.reduce((sum, header) => sum + header.fileBytes, 0),
	repackedBytes: repackedBytes(headers.flatMap((header) => header.tensors)),
	cacheElements: cacheElements(headers[0]),
	vocabularySize: headers[0].tokenCount
});

/** Reads a model's shape from its header (about 20 ms for a vocabulary of 150,000). A header that can't be read leaves zeros: the engine says why. */
export async function readModelShape(path: string, signal?: AbortSignal): Promise<ModelShape> {
	const { size } = await stat(path);
	const unknown = { fileBytes: size, repackedBytes: 0, cacheElements: 0, vocabularySize: 0 };
	try {
		const first = await readGgufHeader(path, {}, signal);
		return shapeOf([first, ...(await Promise.all(partPaths(path, first).slice(1).map((part) => readGgufHeader(part, {}, signal))))]);
	} catch {
		signal?.throwIfAborted();
		return unknown;
	}
}
