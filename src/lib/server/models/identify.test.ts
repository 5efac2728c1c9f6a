import { describe, expect, it } from 'vitest';
import type { GgufHeader, GgufValue } from '../pool/engine/gguf.ts';
import { identifyModel, whyNoModel } from './identify.ts';

const header = (metadata: Record<string, GgufValue>): GgufHeader => ({ version: 3, metadata, tensors: [], tokenCount: 0, dataOffset: 0, fileBytes: 0 });
const identify = (name: string, metadata: Record<string, GgufValue> = {}) => identifyModel(`/models/${name}.gguf`, header(metadata));

describe('identifyModel', () => {
	it('tells family and version by the file name where the metadata is silent', () => {
		expect(identify('llama-3-8b')).toMatchObject({ name: 'llama-3-8b', family: 'llama', version: '3.0' });
	});

	it.each([
		['llama-2-7b-chat', 'llama', '2.0'],
		['Meta-Llama-3.1-8B-Instruct-Q4_K_M', 'llama', '3.1'],
		['mistral-7b', 'mistral', ''],
		['mistral-7b-instruct-v0.2.Q5_K_M', 'mistral', '0.2'],
		['Mixtral-8x7B-Instruct-v0.1', 'mixtral', '0.1'],
		['qwen2.5-0.5b-instruct', 'qwen', '2.5'],
		['Qwen3-30B-A3B', 'qwen', '3.0'],
		['gemma-2-2b-it', 'gemma', '2.0'],
		['gemma-7b', 'gemma', ''],
		['Phi-3-mini-4k-instruct', 'phi', '3.0'],
		['DeepSeek-V3-0324', 'deepseek', '3.0'],
		['gpt-oss-20b', 'gpt-oss', ''],
		['unheard-of-12b', 'unheard', ''],
		['7b', '', '']
	])('reads %s as %s %s', (name, family, version) => {
		expect(identify(name)).toMatchObject({ family, version });
	});

	it('believes the metadata before the file name', () => {
		const metadata = {
			'general.architecture': 'qwen2', 'general.name': 'Qwen2.5 0.5B Instruct', 'general.version': 'v2', 'general.description': 'A small one', 'general.file_type': 7,
			'general.parameter_count': 494_032_768, 'qwen2.context_length': 32_768, 'tokenizer.chat_template': '{{ messages }}'
		};
		expect(identify('llama-3-8b-Q4_0', metadata)).toEqual({
			name: 'llama-3-8b-Q4_0', description: 'A small one', version: '2.0', family: 'qwen2', architecture: 'qwen2', quantization: 'Q8_0',
			parameterCount: 494_032_768, contextLength: 32_768, hasChatTemplate: true, purpose: 'generate'
		});
	});

	it('tells apart the families that share the llama architecture', () => {
		expect(identify('x', { 'general.architecture': 'llama', 'general.basename': 'Mistral', 'general.version': 'v0.3' })).toMatchObject({ family: 'mistral', version: '0.3' });
		expect(identify('mistral-7b', { 'general.architecture': 'llama', 'general.name': 'Tiny Random' })).toMatchObject({ family: 'llama' });
	});

	it('describes a model without a description by its title and size', () => {
		expect(identify('file', { 'general.name': 'Tiny Random', 'general.size_label': '1M' }).description).toBe('Tiny Random 1M');
		expect(identify('file').description).toBe('file');
	});

	it.each([
		['model-Q4_K_M', 'Q4_K_M'], ['model.IQ2_XS', 'IQ2_XS'], ['model-bf16', 'BF16'], ['model-TQ1_0', 'TQ1_0'], ['model', '']
	])('reads the quantization of %s as "%s"', (name, quantization) => expect(identify(name).quantization).toBe(quantization));

	it('knows models for embeddings and ranking by their pooling', () => {
		const pooled = (type: number) => identify('x', { 'general.architecture': 'bert', 'bert.pooling_type': type }).purpose;
		expect([pooled(0), pooled(1), pooled(4)]).toEqual(['generate', 'embed', 'rank']);
	});

	it('takes no value of a wrong type for a fact', () => {
		expect(identify('x', { 'general.architecture': 7, 'general.version': ['a'], 'general.parameter_count': -1, 'general.file_type': 'seven' })).toMatchObject({
			architecture: '', version: '', parameterCount: null, quantization: ''
		});
	});

	it('names a split model without its part', () => {
		expect(identify('big-Q4_K_M-00001-of-00003').name).toBe('big-Q4_K_M');
	});
});

describe('whyNoModel', () => {
	const why = (name: string, metadata: Record<string, GgufValue> = {}) => whyNoModel(`/models/${name}`, header(metadata));
	it.each([
		['mmproj-model-f16.gguf', {}],
		['Model-MMPROJ.gguf', {}],
		['vision.gguf', { 'general.architecture': 'clip' }],
		['lora.gguf', { 'general.type': 'adapter' }],
		['big-00002-of-00003.gguf', {}],
		['renamed.gguf', { 'split.no': 1 }]
	])('refuses %s %j', (name, metadata) => expect(why(name, metadata as Record<string, GgufValue>)).toBeTypeOf('string'));
	it.each([['model.gguf', { 'general.type': 'model' }], ['big-00001-of-00003.gguf', { 'split.no': 0 }]])('takes %s', (name, metadata) =>
		expect(why(name, metadata as Record<string, GgufValue>)).toBeUndefined()
	);
});
