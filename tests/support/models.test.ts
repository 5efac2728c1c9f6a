import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { buildModel, type ModelOptions } from './gguf/model.ts';
import type { ProbeAnswer, ProbeRequest } from './gguf/probe.ts';
import { encodeGguf } from './gguf/writer.ts';
import { scriptedModel, tinyModel } from './models.ts';

const dir = mkdtempSync(join(tmpdir(), 'models-test-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const run = promisify(execFile);
/** What llama.cpp, in a process of its own, makes of a file. */
async function probe(request: ProbeRequest): Promise<ProbeAnswer> {
	const { stdout } = await run(process.execPath, [join(import.meta.dirname, 'gguf/probe.ts'), JSON.stringify(request)]);
	return JSON.parse(stdout) as ProbeAnswer;
}

const prompt = '<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n';
const hashOf = (options: ModelOptions) => {
	const hash = createHash('sha256');
	for (const piece of encodeGguf(buildModel(options))) hash.update(piece);
	return hash.digest('hex');
};

describe('tinyModel', () => {
	it('speaks printable text and never ends by itself, however hot', async () => {
		const path = tinyModel(dir);
		const { ended, text } = await probe({ path, prompt, temperature: 2, maxTokens: 400 });
		expect(ended).toBe(false);
		expect(text).toMatch(/^[\x20-\x7e]{400,}$/);
	});

	it('gives the same bytes for a seed and others for another', () => {
		const hash = hashOf({ seed: 7 });
		expect(hashOf({ seed: 7 })).toBe(hash);
		expect(hashOf({ seed: 8 })).not.toBe(hash);
	});

	it('is a file of its own for each caller', () => {
		const first = tinyModel(dir, { fileName: 'first.gguf' });
		const second = tinyModel(dir, { fileName: 'second.gguf' });
		rmSync(first);
		expect(readFileSync(second).subarray(0, 4).toString()).toBe('GGUF');
	});

	it('reads its own text back, control tokens included', async () => {
		const tokenize = '<|im_start|>user\nWie geht es, world? 1234 – ¿qué? 🙂<|im_end|>\n';
		const { roundTrip, tokens } = await probe({ path: tinyModel(dir), tokenize });
		expect(roundTrip).toBe(tokenize);
		expect(tokens!.length).toBeLessThan(Buffer.byteLength(tokenize) - 20);
	});
});

describe('scriptedModel', () => {
	const answerOf = async (sentence: string, more: Partial<Parameters<typeof scriptedModel>[1]> = {}, request: Partial<ProbeRequest> = {}) =>
		probe({ path: scriptedModel(dir, { sentence, ...more }), prompt, ...request });

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

	it('refuses a script without a letter', () => {
		expect(() => scriptedModel(dir, { sentence: ' \n' })).toThrow('at least one letter');
	});
});
