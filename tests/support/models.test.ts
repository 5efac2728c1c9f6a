import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readGgufFileInfo } from 'node-llama-cpp';
import { afterAll, describe, expect, it } from 'vitest';
import { buildModel } from './gguf/model.ts';
import { presets, type PresetName } from './gguf/presets.ts';
import { openProbe, type ProbeRequest } from './gguf/probe.ts';
import type { TensorType } from './gguf/tensor-types.ts';
import {
	adapterFile,
	embeddingModel,
	projectorFile,
	rankModel,
	scriptedModel,
	sizedModel,
	splitModel,
	stubGguf,
	tinyModel,
	unrenderableModel
} from './models.ts';

const dir = mkdtempSync(join(tmpdir(), 'models-test-'));
const { ask, close } = openProbe();
afterAll(() => {
	close();
	rmSync(dir, { recursive: true, force: true });
});

const prompt = '<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n';

describe('tinyModel', () => {
	it('speaks printable text and never ends by itself, however hot', async () => {
		const { ended, text } = await ask({ path: tinyModel(dir), prompt, temperature: 2, maxTokens: 400 });
		expect(ended).toBe(false);
		expect(text).toMatch(/^[\x20-\x7e]{400,}$/);
	});

	it('is a file of its own for each caller', () => {
		const first = tinyModel(dir, { fileName: 'first.gguf' });
		const second = tinyModel(dir, { fileName: 'second.gguf' });
		rmSync(first);
		expect(readFileSync(second).subarray(0, 4).toString()).toBe('GGUF');
	});

	it('reads its own text back, control tokens included', async () => {
		const tokenize = '<|im_start|>user\nWie geht es, world? 1234 – ¿qué? 🙂<|im_end|>\n';
		const { roundTrip, tokens } = await ask({ path: tinyModel(dir), tokenize });
		expect(roundTrip).toBe(tokenize);
		expect(tokens!.length).toBeLessThan(Buffer.byteLength(tokenize) - 20);
	});

	it('says about itself what it is told to say', async () => {
		const path = tinyModel(dir, {
			fileName: 'described.gguf',
			name: 'Grüner Tee',
			description: 'For tests',
			version: 'v2',
			sizeLabel: '7B',
			contextLength: 123_456,
			architecture: 'gemma3',
			type: 'q8_0',
			template: null,
			metadata: { 'general.license': 'mit', 'general.type': undefined }
		});
		const { metadata } = await readGgufFileInfo(path);
		expect(metadata.general).toMatchObject({
			architecture: 'gemma3',
			name: 'Grüner Tee',
			description: 'For tests',
			version: 'v2',
			size_label: '7B',
			file_type: 7,
			license: 'mit'
		});
		expect(metadata.general).not.toHaveProperty('type');
		expect(metadata.tokenizer).not.toHaveProperty('chat_template');
		expect(metadata).toHaveProperty('gemma3.context_length', 123_456);
	});

	it.each<[string, TensorType]>([
		['llama', 'q4_0'],
		['qwen2', 'q8_0'],
		['qwen3', 'f32']
	])('loads as %s in %s', async (architecture, type) => {
		const path = tinyModel(dir, { fileName: `${architecture}-${type}.gguf`, architecture, type });
		const { ended, generated } = await ask({ path, prompt, maxTokens: 8 });
		expect({ ended, tokens: generated!.length }).toEqual({ ended: false, tokens: 8 });
	});
});

describe('scriptedModel', () => {
	const answerOf = async (sentence: string, more: Partial<Parameters<typeof scriptedModel>[1]> = {}, request: Partial<ProbeRequest> = {}) =>
		ask({ path: scriptedModel(dir, { sentence, ...more }), prompt, ...request });

	it('answers its sentence and ends, in the tokens that the sentence is read in', async () => {
		const sentence = 'Hello there, I am a tiny scripted model.';
		const { text, ended, generated, tokens } = await answerOf(sentence, {}, { tokenize: sentence });
		expect({ text, ended }).toEqual({ text: sentence, ended: true });
		expect(generated).toEqual(tokens);
	});

	it('says reasoning, tool calls and repeated words', async () => {
		const sentence =
			'<think>\nThe user wants the weather, the time and the news.\n</think>\n\n<tool_call>\n{"name": "weather", "arguments": {"city": "Rome"}}\n</tool_call>\n<tool_call>\n{"name": "time", "arguments": {"city": "Rome"}}\n</tool_call>';
		const { text, ended } = await answerOf(sentence, {}, { maxTokens: 200 });
		expect({ text, ended }).toEqual({ text: sentence, ended: true });
	});

	it('says a text of a thousand words', async () => {
		const sentence = Array.from({ length: 1000 }, (_, i) => `word${i}`).join(' ');
		const { text, ended } = await answerOf(sentence, { architecture: 'qwen2' }, { maxTokens: 5000, contextLength: 4096 });
		expect({ text, ended }).toEqual({ text: sentence, ended: true });
	});

	it('is not moved by the prompt or a high temperature', async () => {
		const sentence = 'Always the same.';
		const { text } = await answerOf(sentence, {}, { prompt: 'Once upon a time', temperature: 2 });
		expect(text).toBe(sentence);
	});

	it('repeats for ever when it loops', async () => {
		const { text, ended } = await answerOf('One two three. ', { loop: true }, { maxTokens: 12 });
		expect({ text: text!.slice(0, 36), ended }).toEqual({ text: 'One two three. One two three. One tw', ended: false });
	});

	it('cuts letters into bytes when asked to', async () => {
		const { text, generated } = await answerOf('Hi 🙂', { bytewise: true });
		expect({ text, tokens: generated!.length }).toEqual({ text: 'Hi 🙂', tokens: 1 + 4 });
	});

	it('answers a Llama 3 prompt', async () => {
		const llama3 = '<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n';
		const { text, ended } = await answerOf('I am a llama.', { dialect: 'llama3' }, { prompt: llama3 });
		expect({ text, ended }).toEqual({ text: 'I am a llama.', ended: true });
	});

	it('refuses a script without a letter', () => {
		expect(() => scriptedModel(dir, { sentence: ' \n' })).toThrow('at least one letter');
	});
});

describe('the other models', () => {
	it('embeds: texts that share words are close, others are not', async () => {
		const { embeddings } = await ask({ path: embeddingModel(dir), embed: ['find the water', 'find the people', 'hello world'] });
		const [water, people, hello] = embeddings!;
		const cosine = (a: number[], b: number[]) => {
			const dot = (x: number[], y: number[]) => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
			return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
		};
		expect(water).toHaveLength(128);
		expect(cosine(water!, people!)).toBeGreaterThan(0.5);
		expect(Math.abs(cosine(water!, hello!))).toBeLessThan(0.3);
	});

	it('ranks: one score between 0 and 1 for each document', async () => {
		const { ranks } = await ask({ path: rankModel(dir), rank: { query: 'water', documents: ['find the water', 'hello world'] } });
		expect(ranks!.filter((rank) => rank > 0 && rank < 1)).toHaveLength(2);
		expect(ranks![0]).not.toBe(ranks![1]);
	});

	it('loads the first part of a split model as a whole, and not without the second', async () => {
		const [first, second] = splitModel(dir);
		expect(first).toMatch(/-00001-of-00002\.gguf$/);
		const whole = await ask({ path: first!, prompt, maxTokens: 8 });
		expect(whole.text).toBe((await ask({ path: tinyModel(dir), prompt, maxTokens: 8 })).text);
		rmSync(second!);
		expect(await ask({ path: '', tryAll: [first!] })).toEqual({ loaded: [] });
	});

	it('loads models whose chats cannot be rendered, and no projector or adapter', async () => {
		const unrenderable = [unrenderableModel(dir, 'none'), unrenderableModel(dir, 'endless')];
		expect(await ask({ path: '', tryAll: [...unrenderable, projectorFile(dir), adapterFile(dir)] })).toEqual({ loaded: unrenderable });
	});

	it('has the real number of parameters in each size', () => {
		const millions = (preset: PresetName) =>
			buildModel({ preset }).tensors.reduce((sum, { shape }) => sum + shape.reduce((product, length) => product * length, 1), 0) / 1e6;
		const sizes = Object.keys(presets) as PresetName[];
		expect(Object.fromEntries(sizes.map((preset) => [preset, Math.round(millions(preset))]))).toEqual({
			tiny: 1,
			mid: 62,
			'qwen2.5-0.5b': 494,
			'qwen3-0.6b': 596
		});
	});

	it('loads a size for benchmarks', async () => {
		const { ended } = await ask({ path: sizedModel(dir, 'mid'), prompt, maxTokens: 4 });
		expect(ended).toBe(false);
	});

	it('writes a stub of a few hundred bytes that reads as a model', async () => {
		const path = projectorFile(dir, 'stub.gguf');
		expect(stubGguf({ 'general.name': 'Other' }).length).toBeLessThan(512);
		expect((await readGgufFileInfo(path)).metadata.general).toMatchObject({ architecture: 'clip', type: 'mmproj', name: 'Stub' });
	});
});
