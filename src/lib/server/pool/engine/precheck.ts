/**
 * Looks at a file before llama.cpp does. A GGUF file can abort the whole process (no attention heads, an absurd number of
 * layers, two tokens with one text) or make it read past the end, and nothing in JavaScript can catch that.
 */
import { basename, dirname, join } from 'node:path';
import { AppError, isAbort } from '../../errors.ts';
import { architectures } from './architectures.ts';
import { GgufError, readGgufHeader, type GgufHeader, type GgufTensor, type GgufValue } from './gguf.ts';

const maxBlocks = 512;
const maxParts = 1000;

/** ggml's tensor types: number → elements and bytes of a block. Types that ggml has removed are left out. */
const blocks: Record<number, readonly [elements: number, bytes: number]> = {
	0: [1, 4], 1: [1, 2], 2: [32, 18], 3: [32, 20], 6: [32, 22], 7: [32, 24], 8: [32, 34], 9: [32, 36], 10: [256, 84], 11: [256, 110], 12: [256, 144],
	13: [256, 176], 14: [256, 210], 15: [256, 292], 16: [256, 66], 17: [256, 74], 18: [256, 98], 19: [256, 50], 20: [32, 18], 21: [256, 110], 22: [256, 82],
	23: [256, 136], 24: [1, 1], 25: [1, 2], 26: [1, 4], 27: [1, 8], 28: [1, 8], 29: [256, 56], 30: [1, 2], 34: [256, 54], 35: [256, 66], 39: [32, 17],
	40: [64, 36], 41: [128, 18], 42: [64, 18]
};

/** Architectures without attention, which say so with zero heads, and those that have layers without it. */
const attentionFree = new Set(['mamba', 'mamba2', 'rwkv6', 'rwkv6qwen2', 'rwkv7', 'arwkv7']);
const partlyAttentionFree = new Set(['deci', 'plamo2']);
/** Further members that make tensors of no size when they are 0. */
const neverZero = ['attention.head_count_kv', 'attention.key_length', 'attention.value_length', 'feed_forward_length', 'expert_feed_forward_length'];

function fail(message: string): never {
	throw new GgufError(message);
}

/** Bytes of a tensor's data. Overflow-safe. */
function tensorBytes(tensor: GgufTensor): bigint {
	const block = blocks[tensor.type] ?? fail(`Tensor ${tensor.name} has the unknown type ${tensor.type}`);
	const [elements, bytes] = [BigInt(block[0]), BigInt(block[1])];
	if (tensor.dimensions.some((length) => length < 1n || length > 0x7fffffffffffn)) fail(`Tensor ${tensor.name} has a dimension of ${tensor.dimensions.join(' × ')}`);
	if (tensor.dimensions[0]! % elements !== 0n) fail(`Tensor ${tensor.name} has rows of ${tensor.dimensions[0]} elements, not a multiple of its type's ${elements}`);
	return (tensor.dimensions.reduce((product, length) => product * length, 1n) / elements) * bytes;
}

function checkTensors({ tensors, metadata, dataOffset, fileBytes }: GgufHeader): void {
	const alignment = BigInt((metadata['general.alignment'] as number | undefined) ?? 32);
	const available = BigInt(fileBytes - dataOffset);
	const names = new Set<string>();
	for (const tensor of tensors) {
		if (names.has(tensor.name)) fail(`Two tensors have the name ${tensor.name}`);
		names.add(tensor.name);
		if (tensor.offset % alignment !== 0n) fail(`Tensor ${tensor.name} is not aligned to ${alignment} bytes`);
		const end = tensor.offset + tensorBytes(tensor);
		if (end > available) fail(`Tensor ${tensor.name} ends ${end - available} bytes after the end of the file: it is cut off or damaged`);
	}
}

const denseFeedForward = /^blk\.\d+\.ffn_(up|down)\.weight$/u;

/** One number for all layers, or a list with one for each. */
function checkHeads(architecture: string, heads: GgufValue | undefined, blockCount: number): void {
	const name = `${architecture}.attention.head_count`;
	if (heads === undefined) fail(`${name} is missing`);
	const list = Array.isArray(heads) ? heads : undefined;
	if (typeof heads === 'object' && (list === undefined || list.length < blockCount)) fail(`${name} is a list of ${heads.length} for ${blockCount} layers`);
	const least = partlyAttentionFree.has(architecture) && list?.some((count) => count !== 0) ? 0 : 1;
	for (const count of list ?? [heads]) if (typeof count !== 'number' || count < least || count > 65536) fail(`${name} is ${String(count)}; it must be from ${least} to 65536`);
}

function checkModel({ metadata, tensors, tokenCount, repeatedToken }: GgufHeader): void {
	const architecture = metadata['general.architecture'];
	if (typeof architecture !== 'string' || architecture === '') fail('The file does not name its architecture (general.architecture)');
	if (!architectures.has(architecture)) fail(`Its architecture "${architecture.slice(0, 80)}" is not known to this engine`);
	const count = (name: string, max: number): number => {
		const value = metadata[`${architecture}.${name}`];
		if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > max) fail(`${architecture}.${name} is ${value === undefined ? 'missing' : String(value)}; it must be from 1 to ${max}`);
		return value;
	};
	const blockCount = count('block_count', maxBlocks);
	count('embedding_length', 1 << 20);
	count('context_length', 0x7fffffff);
	if (!attentionFree.has(architecture)) checkHeads(architecture, metadata[`${architecture}.attention.head_count`], blockCount);
	for (const name of neverZero) if (metadata[`${architecture}.${name}`] === 0 && !attentionFree.has(architecture)) fail(`${architecture}.${name} is 0`);
	if (metadata[`${architecture}.feed_forward_length`] === undefined && tensors.some(({ name }) => denseFeedForward.test(name))) fail(`${architecture}.feed_forward_length is missing`);
	if (tensors.length === 0 && metadata['split.count'] === undefined) fail('The file holds no tensors');
	if (tokenCount === 0) fail('The file holds no vocabulary (tokenizer.ggml.tokens)');
	if (repeatedToken !== undefined) fail(`Two tokens of the vocabulary have the same text ${JSON.stringify(repeatedToken.slice(0, 80))}`);
}

/** Paths of all parts of a split model, in order; the one path of a whole one. `path` must be the first part. */
export function partPaths(path: string, header: Pick<GgufHeader, 'metadata'>): string[] {
	const count = header.metadata['split.count'];
	if (typeof count !== 'number' || count <= 1) return [path];
	if (count > maxParts) fail(`The model has ${count} parts, more than the ${maxParts} that are possible`);
	const match = /^(.*)-(\d{5})-of-(\d{5})\.gguf$/u.exec(basename(path));
	if (!match || Number(match[3]) !== count) fail(`The model is split into ${count} parts, but the file's name does not end in -00001-of-${String(count).padStart(5, '0')}.gguf`);
	if (Number(match[2]) !== 1) fail(`This is part ${Number(match[2])} of ${count}: load the first part`);
	return Array.from({ length: count }, (_, i) => join(dirname(path), `${match[1]}-${String(i + 1).padStart(5, '0')}-of-${match[3]}.gguf`));
}

async function checkPart(path: string, isFirst: boolean, signal: AbortSignal | undefined): Promise<GgufHeader> {
	const header = await readGgufHeader(path, { checkTokens: isFirst }, signal);
	if (isFirst) checkModel(header);
	checkTensors(header);
	return header;
}

/**
 * The header of a model that llama.cpp can be trusted with. Throws MODEL_LOAD_ERROR that says what is wrong with which file
 * (by name, never by path), or the signal's reason when aborted.
 */
export async function precheck(path: string, signal?: AbortSignal): Promise<GgufHeader> {
	let current = path;
	try {
		const header = await checkPart(path, true, signal);
		for (const part of partPaths(path, header).slice(1)) {
			current = part;
			await checkPart(part, false, signal);
		}
		return header;
	} catch (thrown) {
		if (isAbort(thrown) || signal?.aborted) throw thrown;
		const code = (thrown as NodeJS.ErrnoException).code;
		const reason = thrown instanceof GgufError ? thrown.message : code === 'ENOENT' ? 'The file does not exist' : `The file cannot be read (${code ?? 'unknown error'})`;
		throw new AppError('MODEL_LOAD_ERROR', `${basename(current)} cannot be loaded. ${reason}.`, { cause: thrown });
	}
}
