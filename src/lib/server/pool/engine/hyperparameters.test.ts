import { describe, expect, it } from 'vitest';
import type { GgufHeader } from './gguf.ts';
import { checkHyperparameters } from './hyperparameters.ts';

const sound = {
	'general.architecture': 'llama', 'llama.block_count': 4, 'llama.embedding_length': 128, 'llama.context_length': 2048, 'llama.feed_forward_length': 384,
	'llama.attention.head_count': 4, 'llama.attention.head_count_kv': 2, 'llama.attention.layer_norm_rms_epsilon': 1e-6
};
const tensor = (name: string) => ({ name, dimensions: [128n], type: 0, offset: 0n });
const header = (changes: Record<string, unknown>): GgufHeader => {
	const metadata = Object.fromEntries(Object.entries({ ...sound, ...changes }).filter(([, value]) => value !== undefined)) as GgufHeader['metadata'];
	return { version: 3, metadata, tensors: [tensor('blk.0.ffn_up.weight')], tokenCount: 10, dataOffset: 0, fileBytes: 0 };
};
const experts = (count: number, used: number | number[], groups?: number, usedGroups?: number) => ({
	'llama.expert_count': count, 'llama.expert_used_count': used, 'llama.expert_group_count': groups, 'llama.expert_group_used_count': usedGroups
});

describe('checkHyperparameters', () => {
	const accepted: Record<string, Record<string, unknown>> = {
		'a sound header': {},
		'experts': experts(8, 2),
		'experts by layer': experts(8, [2, 2, 0, 4]),
		'experts in groups': experts(256, 8, 8, 4),
		'known scalings': { 'llama.rope.scaling.type': 'yarn' },
		'another optional head size': { 'llama.attention.key_length': 64 },
		'an attention-free family without heads': { 'general.architecture': 'mamba', 'mamba.block_count': 4, 'mamba.embedding_length': 8, 'mamba.context_length': 8, 'mamba.attention.head_count': 0, 'mamba.feed_forward_length': 0 }
	};
	for (const [name, changes] of Object.entries(accepted)) {
		it(`accepts ${name}`, () => {
			expect(() => checkHyperparameters(header(changes))).not.toThrow();
		});
	}

	const refused: Record<string, [Record<string, unknown>, RegExp]> = {
		'more experts used than there are': [experts(4, 8), /8 of 4 used/],
		'experts of which none is used': [experts(4, 0), /0 of 4 used/],
		'used experts where there are none': [experts(0, 2), /2 of 0 used/],
		'too many experts': [experts(4096, 2), /2 of 4096 used/],
		'groups that do not divide the experts': [experts(10, 2, 3, 1), /1 of 3 groups/],
		'groups of which all are used': [experts(8, 2, 4, 4), /4 of 4 groups/],
		'an unknown scaling': [{ 'llama.rope.scaling.type': 'magic' }, /rope\.scaling\.type is magic/],
		'a negative epsilon': [{ 'llama.attention.layer_norm_rms_epsilon': -1 }, /epsilon is -1/],
		'an epsilon that is no number': [{ 'llama.attention.layer_norm_rms_epsilon': NaN }, /epsilon is NaN/],
		'no size of the feed-forward': [{ 'llama.feed_forward_length': undefined }, /feed_forward_length is missing/],
		'a feed-forward of nothing': [{ 'llama.feed_forward_length': 0 }, /feed_forward_length is 0/],
		'no key heads': [{ 'llama.attention.head_count_kv': 0 }, /head_count_kv is 0/],
		'no heads': [{ 'llama.attention.head_count': undefined }, /head_count is missing/],
		'more predicting layers than layers': [{ 'llama.nextn_predict_layers': 5 }, /nextn_predict_layers is 5 of 4/],
		'a width of 2⁴⁰': [{ 'llama.embedding_length': 2 ** 40 }, /embedding_length is 1099511627776/]
	};
	for (const [name, [changes, complaint]] of Object.entries(refused)) {
		it(`refuses ${name}`, () => {
			expect(() => checkHyperparameters(header(changes))).toThrow(complaint);
		});
	}
});
