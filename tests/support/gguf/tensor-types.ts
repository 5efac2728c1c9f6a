/** How a tensor's elements are stored. Ids and layouts: ggml.h, `enum ggml_type` and `block_q*`. */
export type TensorType = 'f32' | 'f16' | 'q8_0' | 'q4_0';

type Layout = {
	/** ggml's number for the type */
	id: number;
	/** elements a block; a row is a whole number of blocks */
	blockLength: number;
	blockBytes: number;
	/** `general.file_type` of a model stored mostly in this type (llama.h, `enum llama_ftype`) */
	fileType: number;
};

export const tensorTypes: Record<TensorType, Layout> = {
	f32: { id: 0, blockLength: 1, blockBytes: 4, fileType: 0 },
	f16: { id: 1, blockLength: 1, blockBytes: 2, fileType: 1 },
	q4_0: { id: 2, blockLength: 32, blockBytes: 18, fileType: 2 },
	q8_0: { id: 8, blockLength: 32, blockBytes: 34, fileType: 7 }
};

/** Bytes of `length` elements; throws when they are no whole number of blocks. */
export function bytesOf(type: TensorType, length: number): number {
	const { blockLength, blockBytes } = tensorTypes[type];
	if (length % blockLength !== 0) throw new Error(`${type} needs rows of a multiple of ${blockLength} elements, not ${length}`);
	return (length / blockLength) * blockBytes;
}

const bits = new Uint32Array(1);
const float = new Float32Array(bits.buffer);

/** The IEEE half of a number, cut towards zero: weights need no rounding. */
export function halfOf(value: number): number {
	float[0] = value;
	const x = bits[0]!;
	const sign = (x >>> 16) & 0x8000;
	const exponent = ((x >>> 23) & 255) - 112;
	const mantissa = x & 0x7fffff;
	if (exponent >= 31) return sign | 0x7c00;
	if (exponent > 0) return sign | (exponent << 10) | (mantissa >> 13);
	return exponent < -10 ? sign : sign | ((mantissa | 0x800000) >> (14 - exponent));
}
