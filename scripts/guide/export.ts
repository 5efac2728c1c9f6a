/**
 * Makes the GGUF file of what train.py has learnt: node scripts/guide/export.ts WORK OUT.gguf [q8_0|f16|f32]
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { halfOf, tensorTypes, type TensorType } from '../../tests/support/gguf/tensor-types.ts';
import { writeGguf, type Tensor } from '../../tests/support/gguf/writer.ts';
import { chatTemplate } from './chat-template.ts';
import packageJson from '../../package.json' with { type: 'json' };

type Learnt = {
	tensors: { name: string; shape: number[]; offset: number }[];
	tokens: string[]; control: string[]; merges: string[];
	width: number; layers: number; heads: number; inner: number; context: number;
};

const [work, out, wanted = 'q8_0'] = process.argv.slice(2);
if (!work || !out || !(wanted in tensorTypes)) throw new Error('node scripts/guide/export.ts WORK OUT.gguf [q8_0|f16|f32]');
const type = wanted as TensorType;
const learnt = JSON.parse(readFileSync(join(work, 'weights.json'), 'utf8')) as Learnt;
const weights = readFileSync(join(work, 'weights.bin'));

/** Blocks of 32: a half as the scale, then a byte for each number (ggml's quantize_row_q8_0). */
function q8(numbers: Float32Array): Uint8Array {
	const bytes = Buffer.alloc((numbers.length / 32) * 34);
	for (let block = 0; block * 32 < numbers.length; block++) {
		const part = numbers.subarray(block * 32, block * 32 + 32);
		const largest = part.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
		const scale = largest / 127;
		bytes.writeUInt16LE(halfOf(scale), block * 34);
		for (let i = 0; i < 32; i++) bytes.writeInt8(scale === 0 ? 0 : Math.max(-127, Math.min(127, Math.round(part[i]! / scale))), block * 34 + 2 + i);
	}
	return bytes;
}
const f16 = (numbers: Float32Array): Uint8Array => new Uint8Array(Uint16Array.from(numbers, halfOf).buffer);

/** PyTorch's names as llama.cpp has them. */
const nameOf = (name: string): string =>
	name === 'embedding.weight' ? 'token_embd.weight' : name === 'output_norm' ? 'output_norm.weight' : name.replace('blocks.', 'blk.').replace(/_norm$/, '_norm.weight');

const tensors = learnt.tensors.map(({ name, shape, offset }): Tensor => {
	const length = shape.reduce((product, size) => product * size, 1);
	const numbers = new Float32Array(weights.buffer.slice(weights.byteOffset + offset, weights.byteOffset + offset + length * 4));
	const stored = shape.length === 1 || type === 'q4_0' ? 'f32' : type;
	const bytes = stored === 'q8_0' ? q8(numbers) : stored === 'f16' ? f16(numbers) : new Uint8Array(numbers.buffer);
	return { name: nameOf(name), type: stored, shape: [...shape].reverse(), data: () => [bytes] };
});

const id = (token: string) => learnt.tokens.indexOf(token);
const parameterCount = learnt.tensors.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);

writeGguf(out, {
	metadata: {
		'general.architecture': 'llama',
		'general.type': 'model',
		'general.name': 'Guide',
		'general.description': 'A tiny model that knows Llama Runner and nothing else, in English and French. Trained from nothing by scripts/guide/.',
		'general.version': packageJson.version,
		'general.author': 'Llama Runner',
		'general.license': 'the same as Llama Runner',
		'general.size_label': `${(parameterCount / 1e6).toFixed(1)}M`,
		'general.languages': ['en', 'fr'],
		'general.file_type': tensorTypes[type].fileType,
		'general.quantization_version': 2,
		'general.alignment': 32,
		'llama.block_count': learnt.layers,
		'llama.context_length': learnt.context,
		'llama.embedding_length': learnt.width,
		'llama.feed_forward_length': learnt.inner,
		'llama.attention.head_count': learnt.heads,
		'llama.attention.head_count_kv': learnt.heads,
		'llama.attention.layer_norm_rms_epsilon': { f32: 1e-6 },
		'llama.rope.freq_base': { f32: 10_000 },
		'llama.rope.dimension_count': learnt.width / learnt.heads,
		'llama.vocab_size': learnt.tokens.length,
		'tokenizer.ggml.model': 'gpt2',
		'tokenizer.ggml.pre': 'qwen2',
		'tokenizer.ggml.tokens': learnt.tokens,
		'tokenizer.ggml.token_type': Int32Array.from(learnt.tokens, (token) => (learnt.control.includes(token) ? 3 : 1)),
		'tokenizer.ggml.merges': learnt.merges,
		'tokenizer.ggml.bos_token_id': id('<|endoftext|>'),
		'tokenizer.ggml.eos_token_id': id('<|im_end|>'),
		'tokenizer.ggml.eot_token_id': id('<|im_end|>'),
		'tokenizer.ggml.padding_token_id': id('<|endoftext|>'),
		'tokenizer.ggml.add_bos_token': false,
		'tokenizer.chat_template': chatTemplate
	},
	tensors
});
