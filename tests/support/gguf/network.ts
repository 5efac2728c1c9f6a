/** The tensors of a transformer: with random weights, or as a bigram model that says a script. */
import type { Shape } from './presets.ts';
import { createRandom } from './random.ts';
import type { Vocabulary } from './vocabulary.ts';
import { constantTensor, evenly, randomTensor, valuesTensor } from './weights.ts';
import type { Tensor } from './writer.ts';

/** Tokens in the order of an answer, and what follows the last one. */
export type Chain = { tokens: readonly number[]; next: number };

/**
 * Random weights. The first element of every vector that runs through the layers keeps one positive value, and the head
 * takes the control tokens' scores from it alone: far below all others, so the model never ends by itself at any temperature.
 * A tied head can't; there the control tokens score 0, and one of 30,000 others is always above that.
 */
export function randomNetwork(shape: Shape, vocabulary: Vocabulary, seed: number): Tensor[] {
	return [...(shape.tied ? tiedEnds(shape, vocabulary, seed) : freeEnds(shape, vocabulary, seed)), ...layers(shape, seed, 'random')];
}

function tiedEnds({ width, vocabulary: size, type }: Shape, { control }: Vocabulary, seed: number): Tensor[] {
	// as llama.cpp's own quantisation does: a tied embedding keeps 8 bits
	const stored = type === 'q4_0' ? 'q8_0' : type;
	return [randomTensor('token_embd.weight', stored, [width, size], { spread: 0.05, seed, zeroRows: control })];
}

function freeEnds({ width, type }: Shape, { tokens, unspoken }: Vocabulary, seed: number): Tensor[] {
	const { integer } = createRandom(seed, 'ends');
	const rows = (spread: number, first: number) =>
		Float32Array.from({ length: tokens.length * width }, (_, i) => (i % width === 0 ? first : (integer() - 2 ** 31) * evenly * spread));
	const embedding = rows(1, 4);
	const head = rows(3 / Math.sqrt(width), 0);
	for (const token of unspoken) head.fill(0, token * width, (token + 1) * width)[token * width] = -50;
	const stored = type === 'f32' ? 'f32' : 'f16';
	return [valuesTensor('token_embd.weight', stored, [width, tokens.length], embedding), valuesTensor('output.weight', stored, [width, tokens.length], head)];
}

/** How sure the model is of the next token of its script; half as sure that any other token is followed by the beginning. */
const SCORE = 60;

/**
 * The layers add nothing, so that the head sees the last token alone: each token of the chain asks for the next, every
 * other token (whatever a prompt ends in) for the first.
 */
export function scriptedNetwork(shape: Shape, { tokens }: Vocabulary, chain: Chain, seed: number): Tensor[] {
	const { width } = shape;
	const signs = signRows(tokens.length, width, seed);
	const head = new Float32Array(tokens.length * width);
	chain.tokens.forEach((token, i) => {
		const next = chain.tokens[i + 1] ?? chain.next;
		for (let d = 0; d < width; d++) head[next * width + d]! += (signs[token * width + d]! * SCORE) / width;
	});
	head[chain.tokens[0]! * width]! += SCORE / 2;
	const type = shape.type === 'q4_0' ? 'q8_0' : 'f32'; // as a random model's ends are stored
	return [
		valuesTensor('token_embd.weight', type, [width, tokens.length], signs),
		valuesTensor('output.weight', type, [width, tokens.length], head),
		...layers(shape, seed, 'silent')
	];
}

/** A text's vector is the mean of its tokens' own: the more words two texts share, the closer they are. */
export function wordNetwork(shape: Shape, { tokens }: Vocabulary, seed: number): Tensor[] {
	const signs = signRows(tokens.length, shape.width, seed);
	return [valuesTensor('token_embd.weight', 'f32', [shape.width, tokens.length], signs), ...layers(shape, seed, 'silent')];
}

/** A vector of random signs for each token: of length √width exactly, and nearly at right angles to the others. The first element is always 1. */
function signRows(tokens: number, width: number, seed: number): Float32Array {
	const { integer } = createRandom(seed, 'signs');
	const signs = new Float32Array(tokens * width).fill(1);
	for (let i = 0; i < signs.length; i++) if (i % width !== 0 && !(integer() & 1)) signs[i] = -1;
	return signs;
}

/** `silent` layers leave the vectors that run through them as they are. */
function layers(shape: Shape, seed: number, kind: 'random' | 'silent'): Tensor[] {
	const { architecture, width, feedForward, heads, kvHeads, headWidth, type } = shape;
	const queries = heads * headWidth;
	const keys = kvHeads * headWidth;
	const matrix = (name: string, from: number, to: number, zeroRows?: number[]) =>
		kind === 'silent' ? constantTensor(name, type, [from, to], 0) : randomTensor(name, type, [from, to], { spread: 1 / Math.sqrt(from), seed, zeroRows });
	const ones = (name: string, length: number) => constantTensor(name, 'f32', [length], 1);
	const zeros = (name: string, length: number) => constantTensor(name, 'f32', [length], 0);
	const layer = (block: string): Tensor[] => [
		ones(`${block}.attn_norm.weight`, width),
		matrix(`${block}.attn_q.weight`, width, queries),
		matrix(`${block}.attn_k.weight`, width, keys),
		matrix(`${block}.attn_v.weight`, width, keys),
		...(architecture === 'qwen2' ? [zeros(`${block}.attn_q.bias`, queries), zeros(`${block}.attn_k.bias`, keys), zeros(`${block}.attn_v.bias`, keys)] : []),
		...(architecture === 'qwen3' ? [ones(`${block}.attn_q_norm.weight`, headWidth), ones(`${block}.attn_k_norm.weight`, headWidth)] : []),
		matrix(`${block}.attn_output.weight`, queries, width, [0]),
		ones(`${block}.ffn_norm.weight`, width),
		matrix(`${block}.ffn_gate.weight`, width, feedForward),
		matrix(`${block}.ffn_up.weight`, width, feedForward),
		matrix(`${block}.ffn_down.weight`, feedForward, width, [0])
	];
	return [...Array.from({ length: shape.layers }, (_, i) => layer(`blk.${i}`)).flat(), ones('output_norm.weight', width)];
}
