/** Tensors with random, constant or given elements, made piece by piece. */
import { createRandom } from './random.ts';
import { bytesOf, halfOf, tensorTypes, type TensorType } from './tensor-types.ts';
import type { Tensor } from './writer.ts';

/** Bytes made at once. */
const PIECE = 4 << 20;

type RandomOptions = {
	/** standard deviation of the elements */
	spread: number;
	seed: number;
	/** rows of zeros */
	zeroRows?: readonly number[];
};

/** Rows of random elements, evenly distributed about zero. */
export function randomTensor(name: string, type: TensorType, shape: readonly [number, number], { spread, seed, zeroRows = [] }: RandomOptions): Tensor {
	const rowBytes = bytesOf(type, shape[0]);
	return {
		name,
		type,
		shape,
		*data() {
			const { integer } = createRandom(seed, name);
			const rows = Math.max(1, Math.floor(PIECE / rowBytes));
			for (let first = 0; first < shape[1]; first += rows) {
				const last = Math.min(shape[1], first + rows);
				const piece = new DataView(new ArrayBuffer((last - first) * rowBytes));
				fillers[type](piece, spread, integer);
				for (const row of zeroRows) if (row >= first && row < last) new Uint8Array(piece.buffer, (row - first) * rowBytes, rowBytes).fill(0);
				yield new Uint8Array(piece.buffer);
			}
		}
	};
}

/** From an integer to an element of spread 1: an even distribution over ±√3. */
export const evenly = Math.sqrt(3) / 2 ** 31;

type Fill = (piece: DataView, spread: number, integer: () => number) => void;

const fillers: Record<TensorType, Fill> = {
	f32: (piece, spread, integer) => {
		for (let at = 0; at < piece.byteLength; at += 4) piece.setFloat32(at, (integer() - 2 ** 31) * evenly * spread, true);
	},
	f16: (piece, spread, integer) => {
		for (let at = 0; at < piece.byteLength; at += 2) piece.setUint16(at, halfOf((integer() - 2 ** 31) * evenly * spread), true);
	},
	// Random bits under one scale for all blocks: the steps are even over ±8 and ±128, whose spreads are 4.61 and 73.9.
	q4_0: (piece, spread, integer) => fillBlocks(piece, 'q4_0', spread / 4.61, integer),
	q8_0: (piece, spread, integer) => fillBlocks(piece, 'q8_0', spread / 73.9, integer)
};

function fillBlocks(piece: DataView, type: TensorType, scale: number, integer: () => number): void {
	const whole = piece.byteLength & ~3;
	for (let at = 0; at < whole; at += 4) piece.setUint32(at, integer(), true);
	for (let at = whole; at < piece.byteLength; at++) piece.setUint8(at, integer() & 255);
	const half = halfOf(scale);
	for (let at = 0; at < piece.byteLength; at += tensorTypes[type].blockBytes) piece.setUint16(at, half, true);
}

/** One value everywhere. */
export function constantTensor(name: string, type: TensorType, shape: readonly number[], value: number): Tensor {
	const length = shape.reduce((product, n) => product * n, 1);
	if (value === 0) return { name, type, shape, data: () => [new Uint8Array(bytesOf(type, length))] };
	return valuesTensor(name, 'f32', shape, new Float32Array(length).fill(value));
}

/** The given elements, rows one after the other; as `q8_0` each is a multiple of a 127th of its block's largest. */
export function valuesTensor(name: string, type: 'f32' | 'f16' | 'q8_0', shape: readonly number[], values: Float32Array): Tensor {
	const elements = () => (type === 'f32' ? values : type === 'f16' ? Uint16Array.from(values, halfOf) : blocksOf(values));
	return {
		name,
		type,
		shape,
		*data() {
			const { buffer, byteOffset, byteLength } = elements();
			yield new Uint8Array(buffer, byteOffset, byteLength);
		}
	};
}

/** ggml's q8_0: for 32 elements a half d, then each as d × q. */
function blocksOf(values: Float32Array): Uint8Array<ArrayBuffer> {
	const { blockLength, blockBytes } = tensorTypes.q8_0;
	const view = new DataView(new ArrayBuffer(bytesOf('q8_0', values.length)));
	for (let from = 0, at = 0; from < values.length; from += blockLength, at += blockBytes) {
		let largest = 0;
		for (let i = from; i < from + blockLength; i++) largest = Math.max(largest, Math.abs(values[i]!));
		view.setUint16(at, halfOf(largest / 127), true);
		if (largest > 0) for (let i = 0; i < blockLength; i++) view.setInt8(at + 2 + i, Math.round((values[from + i]! / largest) * 127));
	}
	return new Uint8Array(view.buffer);
}
