/**
 * The GGUF container, version 3, little-endian: header, metadata, tensor table, aligned tensor data.
 * Specification: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 */
import { randomUUID } from 'node:crypto';
import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { bytesOf, tensorTypes, type TensorType } from './tensor-types.ts';

/** A plain number is a u32, the other kinds are named: `{ f32: 1e-6 }`. `undefined` leaves the key out. */
export type MetadataValue = string | boolean | number | TypedNumber | readonly string[] | Int32Array | Float32Array | undefined;
type TypedNumber = { u16: number } | { i32: number } | { f32: number } | { u64: number };
export type Metadata = Record<string, MetadataValue>;

export type Tensor = {
	name: string;
	type: TensorType;
	/** elements of each dimension, the row's length first */
	shape: readonly number[];
	/** the tensor's bytes, in pieces of any size */
	data: () => Iterable<Uint8Array>;
};

export type GgufModel = { metadata: Metadata; tensors: readonly Tensor[] };

const ALIGNMENT = 32;
const kind = { u16: 2, u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9, u64: 10 };

function bytes(length: number, write: (into: Buffer) => void): Buffer {
	const into = Buffer.alloc(length);
	write(into);
	return into;
}
const u16 = (value: number) => bytes(2, (into) => into.writeUInt16LE(value));
const u32 = (value: number) => bytes(4, (into) => into.writeUInt32LE(value));
const i32 = (value: number) => bytes(4, (into) => into.writeInt32LE(value));
const f32 = (value: number) => bytes(4, (into) => into.writeFloatLE(value));
const u64 = (value: number) => bytes(8, (into) => into.writeBigUInt64LE(BigInt(value)));
const string = (text: string) => {
	const encoded = Buffer.from(text, 'utf8');
	return Buffer.concat([u64(encoded.length), encoded]);
};
const array = (elementKind: number, length: number, elements: Uint8Array) => Buffer.concat([u32(kind.array), u32(elementKind), u64(length), elements]);

function encodeValue(value: NonNullable<MetadataValue>): Buffer {
	if (typeof value === 'string') return Buffer.concat([u32(kind.string), string(value)]);
	if (typeof value === 'boolean') return Buffer.concat([u32(kind.bool), Buffer.of(value ? 1 : 0)]);
	if (typeof value === 'number') return Buffer.concat([u32(kind.u32), u32(value)]);
	if (value instanceof Int32Array) return array(kind.i32, value.length, new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
	if (value instanceof Float32Array) return array(kind.f32, value.length, new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
	if ('u16' in value) return Buffer.concat([u32(kind.u16), u16(value.u16)]);
	if ('i32' in value) return Buffer.concat([u32(kind.i32), i32(value.i32)]);
	if ('f32' in value) return Buffer.concat([u32(kind.f32), f32(value.f32)]);
	if ('u64' in value) return Buffer.concat([u32(kind.u64), u64(value.u64)]);
	return array(kind.string, value.length, Buffer.concat(value.map(string)));
}

const padding = (length: number) => (ALIGNMENT - (length % ALIGNMENT)) % ALIGNMENT;
const tensorBytes = ({ type, shape }: Tensor) => bytesOf(type, shape[0]!) * shape.slice(1).reduce((product, length) => product * length, 1);

/** Everything before the tensor data, padded so that the data may follow. */
export function encodeHeader({ metadata, tensors }: GgufModel): Buffer {
	const pairs = Object.entries(metadata).flatMap(([key, value]) => (value === undefined ? [] : [string(key), encodeValue(value)]));
	const rows: Buffer[] = [];
	let offset = 0;
	for (const tensor of tensors) {
		const { name, type, shape } = tensor;
		rows.push(string(name), u32(shape.length), ...shape.map(u64), u32(tensorTypes[type].id), u64(offset));
		const length = tensorBytes(tensor);
		offset += length + padding(length);
	}
	const header = Buffer.concat([Buffer.from('GGUF'), u32(3), u64(tensors.length), u64(pairs.length / 2), ...pairs, ...rows]);
	return Buffer.concat([header, Buffer.alloc(padding(header.length))]);
}

/** The whole file in pieces, so that a model larger than memory can be written. */
export function* encodeGguf(model: GgufModel): Generator<Uint8Array> {
	yield encodeHeader(model);
	for (const tensor of model.tensors) {
		let written = 0;
		for (const piece of tensor.data()) {
			written += piece.byteLength;
			yield piece;
		}
		const expected = tensorBytes(tensor);
		if (written !== expected) throw new Error(`tensor ${tensor.name} gave ${written} bytes, its shape needs ${expected}`);
		yield Buffer.alloc(padding(written));
	}
}

/** Writes the model beside its path and renames it, so that nobody sees half a file. */
export function writeGguf(path: string, model: GgufModel): void {
	const unfinished = `${path}.${randomUUID()}.part`;
	const file = openSync(unfinished, 'w');
	try {
		for (const piece of encodeGguf(model)) for (let at = 0; at < piece.byteLength;) at += writeSync(file, piece, at);
	} catch (error) {
		closeSync(file);
		rmSync(unfinished, { force: true });
		throw error;
	}
	closeSync(file);
	renameSync(unfinished, path);
}
