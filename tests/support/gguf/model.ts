/** Puts a model together: shape, vocabulary, weights, metadata. The same options give the same bytes. */
import { chatTemplates } from './chat-templates.ts';
import { randomNetwork, scriptedNetwork, wordNetwork } from './network.ts';
import { presets, type PresetName, type Shape } from './presets.ts';
import { cutScript } from './script.ts';
import { tensorTypes, type TensorType } from './tensor-types.ts';
import { createVocabulary, type Dialect, type Vocabulary } from './vocabulary.ts';
import { randomTensor } from './weights.ts';
import type { GgufModel, Metadata } from './writer.ts';

export type ModelOptions = {
	/** default: tiny */
	preset?: PresetName;
	/** default: the preset's; llama, qwen2 and qwen3 load, any other name is for what only reads the header */
	architecture?: string;
	type?: TensorType;
	/** default: 1 */
	seed?: number;
	name?: string;
	description?: string;
	version?: string;
	/** as in "7B" */
	sizeLabel?: string;
	/** tokens the model says it was trained for */
	contextLength?: number;
	/** which control tokens frame a message; default: chatml */
	dialect?: Dialect;
	/** Jinja; default: the dialect's own; null: none */
	template?: string | null;
	/** what the model always answers; without it the weights are random */
	script?: Script;
	/** `mean` makes vectors by the words of a text; `rank` needs the architecture qwen3 */
	pooling?: keyof typeof poolingTypes;
	/** further metadata, over what is written anyway; undefined removes a key */
	metadata?: Metadata;
};

export type Script = {
	sentence: string;
	/** start again instead of ending */
	loop?: boolean;
	/** letters beyond ASCII come byte by byte */
	bytewise?: boolean;
};

/** llama.h, `enum llama_pooling_type` */
export const poolingTypes = { none: 0, mean: 1, cls: 2, last: 3, rank: 4 };

export function buildModel(options: ModelOptions = {}): GgufModel {
	const { seed = 1, dialect = 'chatml', script, pooling } = options;
	const preset = presets[options.preset ?? 'tiny'];
	const shape: Shape = {
		...preset,
		architecture: options.architecture ?? preset.architecture,
		type: options.type ?? preset.type,
		name: options.name ?? preset.name,
		sizeLabel: options.sizeLabel ?? preset.sizeLabel,
		contextLength: options.contextLength ?? preset.contextLength
	};
	const pieces = script ? cutScript(script.sentence, script.bytewise) : [];
	const vocabulary = createVocabulary(dialect, Math.max(shape.vocabulary, pieces.length + 512), pieces, seed);
	shape.vocabulary = vocabulary.tokens.length;
	const said = pieces.map(vocabulary.indexOf);
	const tensors = script
		? scriptedNetwork(shape, vocabulary, { tokens: said, next: script.loop ? said[0]! : vocabulary.eos }, seed)
		: pooling === 'mean'
			? wordNetwork(shape, vocabulary, seed)
			: randomNetwork(shape, vocabulary, seed);
	// yes and no, as in Qwen 3's rerankers
	if (pooling === 'rank') tensors.push(randomTensor('cls.output.weight', 'f32', [shape.width, 2], { spread: 1 / Math.sqrt(shape.width), seed }));
	return { metadata: { ...metadataOf(shape, vocabulary, options), ...options.metadata }, tensors };
}

function metadataOf(shape: Shape, vocabulary: Vocabulary, options: ModelOptions): Metadata {
	const { architecture: family, width, heads, headWidth } = shape;
	const { dialect = 'chatml', template = chatTemplates[dialect], pooling } = options;
	const usualHeads = headWidth === width / heads;
	return {
		'general.architecture': family,
		'general.type': 'model',
		'general.name': shape.name,
		'general.description': options.description,
		'general.version': options.version,
		'general.size_label': shape.sizeLabel,
		'general.file_type': tensorTypes[shape.type].fileType,
		'general.quantization_version': 2,
		'general.alignment': 32,
		[`${family}.block_count`]: shape.layers,
		[`${family}.context_length`]: shape.contextLength,
		[`${family}.embedding_length`]: width,
		[`${family}.feed_forward_length`]: shape.feedForward,
		[`${family}.attention.head_count`]: heads,
		[`${family}.attention.head_count_kv`]: shape.kvHeads,
		[`${family}.attention.layer_norm_rms_epsilon`]: { f32: 1e-6 },
		[`${family}.attention.key_length`]: usualHeads ? undefined : headWidth,
		[`${family}.attention.value_length`]: usualHeads ? undefined : headWidth,
		[`${family}.rope.freq_base`]: { f32: shape.ropeBase },
		[`${family}.rope.dimension_count`]: family === 'llama' ? headWidth : undefined,
		[`${family}.vocab_size`]: shape.vocabulary,
		[`${family}.pooling_type`]: pooling && poolingTypes[pooling],
		[`${family}.classifier.output_labels`]: pooling === 'rank' ? ['yes', 'no'] : undefined,
		'tokenizer.ggml.model': 'gpt2',
		'tokenizer.ggml.pre': 'llama-bpe',
		'tokenizer.ggml.tokens': vocabulary.tokens,
		'tokenizer.ggml.token_type': vocabulary.types,
		'tokenizer.ggml.merges': vocabulary.merges,
		'tokenizer.ggml.bos_token_id': vocabulary.bos,
		'tokenizer.ggml.eos_token_id': vocabulary.eos,
		'tokenizer.ggml.eot_token_id': vocabulary.eos,
		'tokenizer.ggml.padding_token_id': vocabulary.pad,
		'tokenizer.ggml.add_bos_token': false,
		'tokenizer.chat_template': template ?? undefined
	};
}
