/** The models that tests load: each call puts a GGUF file into a folder and gives its path. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brokenTemplates } from './gguf/chat-templates.ts';
import { placeModel } from './gguf/model-cache.ts';
import { buildModel, type ModelOptions, type Script } from './gguf/model.ts';
import type { PresetName } from './gguf/presets.ts';
import { writeSplitGguf } from './gguf/split.ts';
import { stubGguf } from './gguf/stub.ts';
import type { TensorType } from './gguf/tensor-types.ts';
import { writeGguf, type Metadata } from './gguf/writer.ts';

export { brokenModelNames, brokenModels, writeBrokenModel, type BrokenModelName } from './gguf/broken.ts';
export { stubGguf } from './gguf/stub.ts';

/** `fileName` is within the folder, with its ending. */
export type TestModelOptions = ModelOptions & { fileName?: string };

const place = (dir: string, usualName: string, { fileName = usualName, ...options }: TestModelOptions) => placeModel(join(dir, fileName), options);

/** Random printable text that never ends by itself: for streams, stops and limits. About 2 MB. */
export const tinyModel = (dir: string, options: TestModelOptions = {}): string => place(dir, 'tiny.gguf', options);

/**
 * Answers every prompt with one sentence and then ends (or, with `loop`, begins again): for tests that assert text.
 * Also `<think>…</think>` and `<tool_call>…</tool_call>` scripts. A prompt that ends in a word of the sentence is
 * answered from that word on; chat templates end in a line break and get all of it.
 */
export function scriptedModel(dir: string, { sentence, loop, bytewise, ...options }: Script & Omit<TestModelOptions, 'script'>): string {
	return place(dir, 'scripted.gguf', { name: 'Scripted', ...options, script: { sentence, loop, bytewise } });
}

/** Vectors of 128 numbers: the more words two texts share, the closer they are. */
export const embeddingModel = (dir: string, options: TestModelOptions = {}): string =>
	place(dir, 'embedding.gguf', { name: 'Tiny Embedding', pooling: 'mean', template: null, ...options });

/** Scores a document against a query, at random but always alike. */
export const rankModel = (dir: string, options: TestModelOptions = {}): string =>
	place(dir, 'reranker.gguf', {
		name: 'Tiny Reranker',
		architecture: 'qwen3',
		pooling: 'rank',
		template: null,
		...options,
		metadata: { 'tokenizer.chat_template.rerank': 'Query: {query}\nDocument: {document}\n', ...options.metadata }
	});

/** Loads and answers a raw prompt; a chat can't be rendered: there is no template, or it is one of the broken ones. */
export function unrenderableModel(dir: string, template: keyof typeof brokenTemplates | 'none', options: TestModelOptions = {}): string {
	return place(dir, `template-${template}.gguf`, { template: template === 'none' ? null : brokenTemplates[template], ...options });
}

/** A model of a real size, for benchmarks, random or with a script; made anew each time: 0.5 B parameters take two seconds, with a script ten. */
export function sizedModel(dir: string, preset: PresetName, type: TensorType = 'q4_0', script?: Script): string {
	const path = join(dir, `${preset}-${type}${script ? '-scripted' : ''}.gguf`);
	writeGguf(path, buildModel({ preset, type, ...(script ? { script } : {}) }));
	return path;
}

/** The tiny model in two files; the first one is to be loaded. */
export const splitModel = (dir: string, name = 'split', options: ModelOptions = {}): string[] => writeSplitGguf(dir, name, buildModel(options), 2);

/** A vision projector: a valid file that belongs to a model and is none. */
export const projectorFile = (dir: string, fileName = 'mmproj-tiny-f16.gguf'): string =>
	placeStub(dir, fileName, { 'general.architecture': 'clip', 'general.type': 'mmproj', 'clip.has_vision_encoder': true, 'clip.projector_type': 'mlp' });

/** A LoRA adapter: likewise. */
export const adapterFile = (dir: string, fileName = 'tiny-lora.gguf'): string =>
	placeStub(dir, fileName, { 'general.type': 'adapter', 'adapter.type': 'lora', 'adapter.lora.alpha': { f32: 16 } });

function placeStub(dir: string, fileName: string, metadata: Metadata): string {
	const path = join(dir, fileName);
	writeFileSync(path, stubGguf(metadata));
	return path;
}
