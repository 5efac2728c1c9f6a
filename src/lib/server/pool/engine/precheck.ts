/**
 * Looks at a file before llama.cpp does. A GGUF file can abort the whole process (no attention heads, an absurd number of
 * layers, two tokens with one text) or make it read past the end, and nothing in JavaScript can catch that.
 */
import { basename, dirname, join } from 'node:path';
import { AppError, isAbort } from '../../errors.ts';
import { GgufError, readGgufHeader, refuse, type GgufHeader, type GgufTensor } from './gguf.ts';
import { checkHyperparameters } from './hyperparameters.ts';

const maxParts = 1000;

/** ggml's tensor types: number → elements and bytes of a block. Types that ggml has removed are left out. */
const blocks: Record<number, readonly [elements: number, bytes: number]> = {
	0: [1, 4], 1: [1, 2], 2: [32, 18], 3: [32, 20], 6: [32, 22], 7: [32, 24], 8: [32, 34], 9: [32, 36], 10: [256, 84], 11: [256, 110], 12: [256, 144],
	13: [256, 176], 14: [256, 210], 15: [256, 292], 16: [256, 66], 17: [256, 74], 18: [256, 98], 19: [256, 50], 20: [32, 18], 21: [256, 110], 22: [256, 82],
	23: [256, 136], 24: [1, 1], 25: [1, 2], 26: [1, 4], 27: [1, 8], 28: [1, 8], 29: [256, 56], 30: [1, 2], 34: [256, 54], 35: [256, 66], 39: [32, 17],
	40: [64, 36], 41: [128, 18], 42: [64, 18]
};

/** Bytes of a tensor's data. Overflow-safe. */
function tensorBytes(tensor: GgufTensor): bigint {
	const block = blocks[tensor.type] ?? refuse(`Tensor ${tensor.name} has the unknown type ${tensor.type}`);
	const [elements, bytes] = [BigInt(block[0]), BigInt(block[1])];
	if (tensor.dimensions.some((length) => length < 1n || length > 0x7fffffffffffn)) refuse(`Tensor ${tensor.name} has a dimension of ${tensor.dimensions.join(' × ')}`);
	if (tensor.dimensions[0]! % elements !== 0n) refuse(`Tensor ${tensor.name} has rows of ${tensor.dimensions[0]} elements, not a multiple of its type's ${elements}`);
	return (tensor.dimensions.reduce((product, length) => product * length, 1n) / elements) * bytes;
}

function checkTensors({ tensors, metadata, dataOffset, fileBytes }: GgufHeader): void {
	if (tensors.length === 0 && metadata['split.count'] === undefined) refuse('The file holds no tensors');
	const alignment = BigInt((metadata['general.alignment'] as number | undefined) ?? 32);
	const available = BigInt(fileBytes - dataOffset);
	const names = new Set<string>();
	for (const tensor of tensors) {
		if (names.has(tensor.name)) refuse(`Two tensors have the name ${tensor.name}`);
		names.add(tensor.name);
		if (tensor.offset % alignment !== 0n) refuse(`Tensor ${tensor.name} is not aligned to ${alignment} bytes`);
		const end = tensor.offset + tensorBytes(tensor);
		if (end > available) refuse(`Tensor ${tensor.name} ends ${end - available} bytes after the end of the file: it is cut off or damaged`);
	}
}

function checkVocabulary({ tokenCount, repeatedToken }: GgufHeader): void {
	if (tokenCount === 0) refuse('The file holds no vocabulary (tokenizer.ggml.tokens)');
	if (repeatedToken !== undefined) refuse(`Two tokens of the vocabulary have the same text ${JSON.stringify(repeatedToken.slice(0, 80))}`);
}

/** Paths of all parts of a split model, in order; the one path of a whole one. `path` must be the first part. */
export function partPaths(path: string, header: Pick<GgufHeader, 'metadata'>): string[] {
	const count = header.metadata['split.count'];
	if (typeof count !== 'number' || count <= 1) return [path];
	if (count > maxParts) refuse(`The model has ${count} parts, more than the ${maxParts} that are possible`);
	const match = /^(.*)-(\d{5})-of-(\d{5})\.gguf$/u.exec(basename(path));
	if (!match || Number(match[3]) !== count) refuse(`The model is split into ${count} parts, but the file's name does not end in -00001-of-${String(count).padStart(5, '0')}.gguf`);
	if (Number(match[2]) !== 1) refuse(`This is part ${Number(match[2])} of ${count}: load the first part`);
	return Array.from({ length: count }, (_, i) => join(dirname(path), `${match[1]}-${String(i + 1).padStart(5, '0')}-of-${match[3]}.gguf`));
}

async function checkPart(path: string, isFirst: boolean, signal: AbortSignal | undefined): Promise<GgufHeader> {
	const header = await readGgufHeader(path, { checkTokens: isFirst }, signal);
	if (isFirst) {
		checkHyperparameters(header);
		checkVocabulary(header);
	}
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
