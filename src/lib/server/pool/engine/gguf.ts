/**
 * Reads the header of a GGUF file (v2 and v3, little-endian) with every length checked before it is used: a file is hostile
 * until proven otherwise, and llama.cpp aborts the process over some of what it finds. Format:
 * https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 */
import { open } from 'node:fs/promises';

export type GgufScalar = number | bigint | boolean | string;
/** A list too long to keep (vocabularies, merges): only its length. */
export type GgufLongList = { length: number };
export type GgufValue = GgufScalar | GgufScalar[] | GgufLongList;

export type GgufTensor = { name: string; dimensions: bigint[]; type: number; offset: bigint };

export type GgufHeader = {
	version: number;
	/** keys as in the file; without a prototype */
	metadata: Record<string, GgufValue>;
	tensors: GgufTensor[];
	/** entries of `tokenizer.ggml.tokens` */
	tokenCount: number;
	/** the first text that two tokens share; only looked for on request */
	repeatedToken?: string;
	/** where the tensor data begins, aligned */
	dataOffset: number;
	fileBytes: number;
};

/** A header that is not what the format says. The message tells what and where, for the user. */
export class GgufError extends Error {}

/** Throws a GgufError. */
export function refuse(message: string): never {
	throw new GgufError(message);
}

const limits = { headerBytes: 256 * 1024 * 1024, tensors: 100_000, entries: 20_000, keyBytes: 4096, textBytes: 16 * 1024 * 1024, keptList: 1024 } as const;
const firstReadBytes = 1024 * 1024;

/** the buffer ends before the header does */
class Incomplete extends Error {}

function createReader(buffer: Buffer) {
	const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
	let at = 0;
	/** Moves on by `bytes` and returns where it was. */
	function skip(bytes: number): number {
		if (at + bytes > buffer.length) throw new Incomplete();
		at += bytes;
		return at - bytes;
	}
	const u64 = () => view.getBigUint64(skip(8), true);
	/** A 64-bit count or length of at most `max`. */
	function count(max: number, what: string): number {
		const start = skip(8);
		const low = view.getUint32(start, true); // a vocabulary has 100,000s of lengths: no BigInt for each
		if (low > max || view.getUint32(start + 4, true) !== 0) refuse(`${what} is ${view.getBigUint64(start, true)}, more than the ${max} that are possible`);
		return low;
	}
	return {
		skip,
		u64,
		count,
		u32: () => view.getUint32(skip(4), true),
		text(maxBytes: number, what: string, encoding: 'utf8' | 'latin1' = 'utf8'): string {
			const bytes = count(maxBytes, `The length of ${what}`);
			const start = skip(bytes);
			return buffer.toString(encoding, start, start + bytes);
		},
		number: [
			() => view.getUint8(skip(1)),
			() => view.getInt8(skip(1)),
			() => view.getUint16(skip(2), true),
			() => view.getInt16(skip(2), true),
			() => view.getUint32(skip(4), true),
			() => view.getInt32(skip(4), true),
			() => view.getFloat32(skip(4), true),
			() => view.getUint8(skip(1)) !== 0,
			undefined, // string
			undefined, // array
			() => safe(u64()),
			() => safe(view.getBigInt64(skip(8), true)),
			() => view.getFloat64(skip(8), true)
		] as (undefined | (() => GgufScalar))[],
		get at() {
			return at;
		}
	};
}
type Reader = ReturnType<typeof createReader>;

const safe = (value: bigint): number | bigint => (value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER) ? Number(value) : value);

const stringType = 8;
const arrayType = 9;
/** bytes of an element by type number; strings and arrays have none */
const elementBytes = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8];

function readScalar(reader: Reader, type: number, key: string): GgufScalar {
	if (type === stringType) return reader.text(limits.textBytes, key);
	const read = reader.number[type];
	if (!read) refuse(`${key} has the unknown type ${type}`);
	return read();
}

/** A key or a name. A control character in it (NUL ends it for C) would give llama.cpp another than was checked here. */
function readName(reader: Reader, what: string): string {
	const name = reader.text(limits.keyBytes, what);
	if (!/^\P{Cc}+$/u.test(name)) refuse(`The text of ${what} is ${name === '' ? 'empty' : `damaged: ${JSON.stringify(name.slice(0, 80))}`}`);
	return name;
}

/** The texts of a long list, each at most once; the first that came before is the result. */
function findRepeated(reader: Reader, length: number, key: string): string | undefined {
	const seen = new Set<string>();
	let repeated: string | undefined;
	for (let i = 0; i < length; i++) {
		const whole = reader.text(limits.textBytes, key, 'latin1');
		// llama.cpp reads up to a NUL, and gives empty texts a name of their own
		const text = whole.includes('\0') ? whole.slice(0, whole.indexOf('\0')) : whole;
		if (text !== '' && seen.has(text)) repeated ??= Buffer.from(text, 'latin1').toString();
		seen.add(text);
	}
	return repeated;
}

function readList(reader: Reader, key: string, checkTokens: boolean): { value: GgufValue; repeated?: string | undefined } {
	const type = reader.u32();
	const bytes = elementBytes[type];
	if (bytes === undefined || type === arrayType) refuse(`${key} is a list of the ${type === arrayType ? 'unsupported' : 'unknown'} type ${type}`);
	const length = reader.count(limits.headerBytes, `The length of ${key}`);
	if (checkTokens && type === stringType) return { value: { length }, repeated: findRepeated(reader, length, key) };
	if (length <= limits.keptList) return { value: Array.from({ length }, () => readScalar(reader, type, key)) };
	const what = `The length of a text in ${key}`;
	if (type === stringType) for (let i = 0; i < length; i++) reader.skip(reader.count(limits.textBytes, what));
	else reader.skip(bytes * length);
	return { value: { length } };
}

function readTensor(reader: Reader): GgufTensor {
	const name = readName(reader, 'a tensor name');
	const ranks = reader.u32();
	if (ranks < 1 || ranks > 4) refuse(`Tensor ${name} has ${ranks} dimensions; 1 to 4 are possible`);
	const dimensions = Array.from({ length: ranks }, () => reader.u64());
	return { name, dimensions, type: reader.u32(), offset: reader.u64() };
}

const tokensKey = 'tokenizer.ggml.tokens';

function parse(buffer: Buffer, fileBytes: number, checkTokens: boolean): GgufHeader {
	const reader = createReader(buffer);
	if (buffer.toString('latin1', 0, 4) !== 'GGUF') refuse('The file is not a GGUF file: it does not begin with "GGUF"');
	reader.skip(4);
	const version = reader.u32();
	if (version >= 0x01000000) refuse('The file is big-endian; only little-endian GGUF files can be loaded');
	if (version !== 2 && version !== 3) refuse(`The file has GGUF version ${version}; versions 2 and 3 can be loaded`);
	const tensorCount = reader.count(limits.tensors, 'The number of tensors');
	const entryCount = reader.count(limits.entries, 'The number of metadata entries');

	const metadata: Record<string, GgufValue> = Object.create(null) as Record<string, GgufValue>;
	let repeatedToken: string | undefined;
	for (let i = 0; i < entryCount; i++) {
		const key = readName(reader, 'a metadata key');
		if (key in metadata) refuse(`The metadata key ${key} occurs twice`);
		const type = reader.u32();
		if (type !== arrayType) {
			metadata[key] = readScalar(reader, type, key);
			continue;
		}
		const list = readList(reader, key, checkTokens && key === tokensKey);
		metadata[key] = list.value;
		repeatedToken ??= list.repeated;
	}
	const tensors = Array.from({ length: tensorCount }, () => readTensor(reader));
	const alignment = metadata['general.alignment'] ?? 32;
	if (typeof alignment !== 'number' || alignment < 1 || alignment > 65536 || !Number.isInteger(Math.log2(alignment))) {
		refuse(`general.alignment is ${String(alignment)}; it must be a power of two up to 65536`);
	}
	const tokens = metadata[tokensKey];
	return {
		version,
		metadata,
		tensors,
		tokenCount: typeof tokens === 'object' ? tokens.length : 0,
		...(repeatedToken === undefined ? {} : { repeatedToken }),
		dataOffset: Math.ceil(reader.at / alignment) * alignment,
		fileBytes
	};
}

/** Where a header is read from: a file, or one that lies elsewhere and gives ranges. */
export type GgufSource = {
	/** bytes of the whole file */
	size: number;
	/** the first `bytes` of it, or fewer where it ends */
	read: (bytes: number) => Promise<Buffer>;
};

/** As {@link readGgufHeader}, from any source. Asks only for as much as the header needs (1 MB, then in steps of 4×). */
export async function readGgufHeaderFrom({ size, read }: GgufSource, { checkTokens = false } = {}, signal?: AbortSignal): Promise<GgufHeader> {
	const readable = Math.min(size, limits.headerBytes);
	for (let bytes = Math.min(readable, firstReadBytes); ; bytes = Math.min(readable, bytes * 4)) {
		signal?.throwIfAborted();
		const buffer = await read(bytes);
		try {
			const header = parse(buffer, size, false);
			// the dearer look at each token only once the buffer is known to hold them all
			return checkTokens ? parse(buffer, size, true) : header;
		} catch (thrown) {
			if (!(thrown instanceof Incomplete)) throw thrown;
			if (buffer.length < bytes || bytes === readable) refuse(size > readable ? 'The header is larger than 256 MB' : 'The file ends within its header: it is cut off');
		}
	}
}

/**
 * The parsed header of the file at `path`. Reads only as much as the header needs.
 * `checkTokens` also looks for tokens with the same text. Throws GgufError, the file system's error, or the signal's reason.
 */
export async function readGgufHeader(path: string, { checkTokens = false } = {}, signal?: AbortSignal): Promise<GgufHeader> {
	const file = await open(path, 'r');
	try {
		const { size } = await file.stat();
		const read = async (bytes: number) => {
			const buffer = Buffer.alloc(bytes);
			return buffer.subarray(0, (await file.read(buffer, 0, bytes, 0)).bytesRead);
		};
		return await readGgufHeaderFrom({ size, read }, { checkTokens }, signal);
	} finally {
		await file.close();
	}
}
