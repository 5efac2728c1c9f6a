/**
 * Files that end in .gguf and are no loadable model: damaged, hostile, or something else. The server must answer each
 * with an error and live on. Made from the tiny model, one fault in each.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildModel } from './model.ts';
import { encodeGguf, encodeHeader, type GgufModel, type Metadata } from './writer.ts';

export type BrokenModel = {
	/** what is wrong with the file, as the rest of a sentence that begins with its name */
	fault: string;
	/** what it does to a process that does not look first: node-llama-cpp reads the header in JavaScript, llama.cpp loads it */
	unchecked?: 'reading aborts' | 'reading hangs' | 'loading aborts';
	bytes: () => Buffer;
};

let model: GgufModel | undefined;
/** The tiny model with its weights made once: many files hold the same. */
function tiny(): GgufModel {
	if (model) return model;
	const { metadata, tensors } = buildModel();
	return (model = {
		metadata,
		tensors: tensors.map((tensor) => {
			const pieces = [...tensor.data()].map((piece) => Buffer.from(piece)); // a generator may write into one buffer again and again
			return { ...tensor, data: () => pieces };
		})
	});
}
let file: Buffer | undefined;
/** A copy of the tiny model's bytes. */
const intact = () => Buffer.from((file ??= Buffer.concat([...encodeGguf(tiny())])));

const withMetadata = (metadata: Metadata) => Buffer.concat([...encodeGguf({ ...tiny(), metadata: { ...tiny().metadata, ...metadata } })]);
const changed = (change: (bytes: Buffer) => void) => {
	const bytes = intact();
	change(bytes);
	return bytes;
};

/** Where the header's fields stand. */
const VERSION = 4;
const TENSOR_COUNT = 8;
const METADATA_COUNT = 16;
const FIRST_KEY_LENGTH = 24;
/** Where a metadata value stands: its kind first, then the value. */
const valueOf = (bytes: Buffer, key: string) => bytes.indexOf(key) + key.length;
/** Where a tensor's description stands, after its name: number of dimensions (4 bytes), each dimension (8), type (4), offset (8). */
const tensor = (bytes: Buffer, name: string) => bytes.indexOf(name) + name.length;
const tokens = () => tiny().metadata['tokenizer.ggml.tokens'] as readonly string[];

const faults = {
	empty: { fault: 'is empty', bytes: () => Buffer.alloc(0) },
	text: { fault: 'is a text', bytes: () => Buffer.from('<!doctype html><title>404 Not Found</title>\n'.repeat(50)) },
	'wrong-magic': { fault: 'begins with other letters', bytes: () => changed((bytes) => bytes.write('GGML')) },
	'wrong-version': { fault: 'has a version from the future', bytes: () => changed((bytes) => bytes.writeUInt32LE(99, VERSION)) },
	'big-endian': { fault: 'is for big-endian machines', bytes: () => changed((bytes) => bytes.writeUInt32BE(3, VERSION)) },
	'cut-header': { fault: 'ends within its metadata', bytes: () => intact().subarray(0, 2000) },
	'header-only': { fault: 'has no tensor data', bytes: () => encodeHeader(tiny()) },
	truncated: { fault: 'ends within its tensor data', bytes: () => intact().subarray(0, -100_000) },
	'absurd-tensor-count': { fault: 'claims 2⁶⁰ tensors', bytes: () => changed((bytes) => bytes.writeBigUInt64LE(1n << 60n, TENSOR_COUNT)) },
	'absurd-metadata-count': { fault: 'claims 2⁶⁰ keys', bytes: () => changed((bytes) => bytes.writeBigUInt64LE(1n << 60n, METADATA_COUNT)) },
	'absurd-key-length': { fault: 'claims a key of 2⁶⁰ bytes', bytes: () => changed((bytes) => bytes.writeBigUInt64LE(1n << 60n, FIRST_KEY_LENGTH)) },
	'absurd-string-length': {
		fault: 'claims a name of 4 GB',
		unchecked: 'reading aborts',
		bytes: () => changed((bytes) => bytes.writeBigUInt64LE(0xffff_fff0n, valueOf(bytes, 'general.name') + 4))
	},
	'absurd-array-length': {
		fault: 'claims 2⁶⁰ tokens',
		unchecked: 'reading aborts',
		bytes: () => changed((bytes) => bytes.writeBigUInt64LE(1n << 60n, valueOf(bytes, 'tokenizer.ggml.tokens') + 8))
	},
	'unknown-value-type': {
		fault: 'has a metadata value of no known type',
		bytes: () => changed((bytes) => bytes.writeUInt32LE(77, valueOf(bytes, 'general.name')))
	},
	'wrong-value-type': { fault: 'has a text where a number belongs', bytes: () => withMetadata({ 'llama.block_count': 'four' }) },
	'zero-alignment': { fault: 'has an alignment of 0', bytes: () => withMetadata({ 'general.alignment': 0 }) },
	'tensor-beyond-file': {
		fault: 'has a tensor that lies beyond its end',
		bytes: () => changed((bytes) => bytes.writeBigUInt64LE(1n << 40n, tensor(bytes, 'blk.2.attn_q.weight') + 24))
	},
	'absurd-tensor-dimensions': {
		fault: 'has a tensor of 2⁴⁰ columns and rows',
		bytes: () =>
			changed((bytes) => {
				bytes.writeBigUInt64LE(1n << 40n, tensor(bytes, 'blk.2.attn_q.weight') + 4);
				bytes.writeBigUInt64LE(1n << 40n, tensor(bytes, 'blk.2.attn_q.weight') + 12);
			})
	},
	'absurd-dimension-count': {
		fault: 'has a tensor of 4,000,000,000 dimensions',
		unchecked: 'reading hangs',
		bytes: () => changed((bytes) => bytes.writeUInt32LE(4e9, tensor(bytes, 'blk.2.attn_q.weight')))
	},
	'unknown-tensor-type': {
		fault: 'has a tensor of no known type',
		bytes: () => changed((bytes) => bytes.writeUInt32LE(200, tensor(bytes, 'blk.2.attn_q.weight') + 20))
	},
	'missing-tensor': {
		fault: 'lacks one of its tensors',
		bytes: () => Buffer.concat([...encodeGguf({ ...tiny(), tensors: tiny().tensors.filter(({ name }) => name !== 'blk.1.ffn_up.weight') })])
	},
	'double-tensor': {
		fault: 'has two tensors of one name',
		bytes: () => Buffer.concat([...encodeGguf({ ...tiny(), tensors: [...tiny().tensors, tiny().tensors[0]!] })])
	},
	'no-architecture': { fault: 'names no architecture', bytes: () => withMetadata({ 'general.architecture': undefined }) },
	'unknown-architecture': { fault: 'is of an unknown architecture', bytes: () => withMetadata({ 'general.architecture': 'perceptron' }) },
	'no-tokens': { fault: 'has no vocabulary', bytes: () => withMetadata({ 'tokenizer.ggml.tokens': undefined }) },
	'no-heads': { fault: 'has attention without heads', unchecked: 'loading aborts', bytes: () => withMetadata({ 'llama.attention.head_count': 0 }) },
	'absurd-layers': { fault: 'claims 4,000,000,000 layers', unchecked: 'loading aborts', bytes: () => withMetadata({ 'llama.block_count': 4e9 }) },
	'double-token': {
		fault: 'has two tokens of the same text',
		unchecked: 'loading aborts',
		bytes: () => withMetadata({ 'tokenizer.ggml.tokens': tokens().map((token, i) => (i === 700 ? 'hello' : token)) })
	}
} satisfies Record<string, BrokenModel>;

export type BrokenModelName = keyof typeof faults;
export const brokenModels: Record<BrokenModelName, BrokenModel> = faults;
export const brokenModelNames = Object.keys(faults) as BrokenModelName[];

/** Writes one of them as `<name>.gguf`. */
export function writeBrokenModel(dir: string, name: BrokenModelName): string {
	const path = join(dir, `${name}.gguf`);
	writeFileSync(path, brokenModels[name].bytes());
	return path;
}
