/**
 * The numbers in a header that llama.cpp asserts instead of checking: a wrong one ends the process. Source: `load_hparams` in
 * llama.cpp's `llama-model.cpp` and what its tensor loader and kernels assert later; what it reports as an error is left to it.
 */
import { architectures } from './architectures.ts';
import { refuse, type GgufHeader, type GgufValue } from './gguf.ts';

/** LLAMA_MAX_LAYERS and LLAMA_MAX_EXPERTS */
const maxBlocks = 512;
const maxExperts = 1024;

/** Architectures without attention, which say so with zero heads, and those that have layers without it. */
const attentionFree = new Set(['mamba', 'mamba2', 'rwkv6', 'rwkv6qwen2', 'rwkv7', 'arwkv7']);
const partlyAttentionFree = new Set(['deci', 'plamo2']);
/** Further members that make tensors of no size when they are 0. */
const neverZero = ['attention.head_count_kv', 'attention.key_length', 'attention.value_length', 'feed_forward_length', 'expert_feed_forward_length'];
const denseFeedForward = /^blk\.\d+\.ffn_(up|down)\.weight$/u;
const ropeScalings = ['none', 'linear', 'yarn', 'longrope'];

type Member = (name: string) => GgufValue | undefined;

/** A scalar, or a list with one for each layer. */
function perLayer(value: GgufValue | undefined, name: string, blockCount: number): unknown[] {
	if (typeof value !== 'object') return [value];
	if (!Array.isArray(value) || value.length < blockCount) refuse(`${name} is a list of ${value.length} for ${blockCount} layers`);
	return value;
}

function checkHeads(architecture: string, member: Member, blockCount: number): void {
	const name = `${architecture}.attention.head_count`;
	const heads = perLayer(member('attention.head_count'), name, blockCount);
	const least = partlyAttentionFree.has(architecture) && heads.some((count) => count !== 0) ? 0 : 1;
	for (const count of heads) if (typeof count !== 'number' || count < least || count > 65536) refuse(`${name} is ${count === undefined ? 'missing' : String(count)}; it must be from ${least} to 65536`);
}

function checkExperts(architecture: string, member: Member, blockCount: number): void {
	const number = (name: string): number => {
		const value = member(name) ?? 0;
		if (typeof value !== 'number' || !(value >= 0)) refuse(`${architecture}.${name} is ${String(value)}`);
		return value;
	};
	const experts = number('expert_count');
	const used = Math.max(...perLayer(member('expert_used_count') ?? 0, `${architecture}.expert_used_count`, blockCount).map(Number));
	const [groups, usedGroups] = [number('expert_group_count'), number('expert_group_used_count')];
	const isPossible =
		experts <= maxExperts &&
		(experts === 0 ? used === 0 && groups === 0 : used > 0 && used <= experts && groups < experts) &&
		(groups <= 1 || (experts % groups === 0 && usedGroups > 0 && usedGroups < groups));
	// two families write counts of experts that they do not have
	if (!isPossible && !architecture.startsWith('hunyuan')) refuse(`The numbers of experts cannot be: ${used} of ${experts} used, ${usedGroups} of ${groups} groups`);
}

/** Throws GgufError that names the member. */
export function checkHyperparameters({ metadata, tensors }: GgufHeader): void {
	const architecture = metadata['general.architecture'];
	if (typeof architecture !== 'string' || architecture === '') refuse('The file does not name its architecture (general.architecture)');
	if (!architectures.has(architecture)) refuse(`Its architecture "${architecture.slice(0, 80)}" is not known to this engine`);
	const member: Member = (name) => metadata[`${architecture}.${name}`];
	const count = (name: string, max: number): number => {
		const value = member(name);
		if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > max) refuse(`${architecture}.${name} is ${value === undefined ? 'missing' : String(value)}; it must be from 1 to ${max}`);
		return value;
	};
	const blockCount = count('block_count', maxBlocks);
	count('embedding_length', 1 << 20);
	count('context_length', 0x7fffffff);
	checkExperts(architecture, member, blockCount);
	if (!attentionFree.has(architecture)) {
		checkHeads(architecture, member, blockCount);
		for (const name of neverZero) if (member(name) === 0) refuse(`${architecture}.${name} is 0`);
	}
	if (member('feed_forward_length') === undefined && tensors.some(({ name }) => denseFeedForward.test(name))) refuse(`${architecture}.feed_forward_length is missing`);
	const predicting = member('nextn_predict_layers') ?? 0;
	if (typeof predicting !== 'number' || predicting > blockCount) refuse(`${architecture}.nextn_predict_layers is ${String(predicting)} of ${blockCount} layers`);
	const scaling = member('rope.scaling.type') ?? 'none';
	if (typeof scaling !== 'string' || !ropeScalings.includes(scaling)) refuse(`${architecture}.rope.scaling.type is ${String(scaling).slice(0, 80)}; it must be ${ropeScalings.join(', ')}`);
	for (const [key, value] of Object.entries(metadata)) if (key.endsWith('epsilon') && !(typeof value === 'number' && value >= 0)) refuse(`${key} is ${String(value)}; it must not be negative`);
}
