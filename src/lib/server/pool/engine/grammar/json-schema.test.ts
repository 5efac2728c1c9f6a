import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAnswer } from '../../../../../../tests/support/answer.ts';
import { checkSchemas, faultOf } from '../../../../../../tests/support/json-schema/check-schemas.ts';
import { scriptedModel, tinyModel } from '../../../../../../tests/support/models.ts';
import { openEngine } from '../engine.ts';
import type { Engine } from '../protocol.ts';

const dir = mkdtempSync(join(tmpdir(), 'json-schema-'));
let engine: Engine;
beforeAll(async () => {
	engine = await openEngine({ modelPath: tinyModel(dir), contextLength: 1024, slots: 4, batchSize: 128, threads: 1, gpuLayers: 0, flashAttention: false, kvCacheType: 'f16', purpose: 'generate' }, () => {});
});
afterAll(async () => {
	await engine.close();
	rmSync(dir, { recursive: true, force: true });
});

describe('a random model', () => {
	it('never says an invalid document of 60 random schemas', async () => {
		const tally = await checkSchemas(engine, Array.from({ length: 60 }, (_, i) => i + 1), 4);
		expect(tally.invalid).toEqual([]);
		expect(tally.complete).toBeGreaterThan(45);
	}, 120_000);

	const ask = (responseFormat: object, options: object = {}) =>
		readAnswer(engine.generate({ messages: [{ role: 'user', content: 'Say' }], options: { temperature: 1, maxTokens: 400, seed: 5, responseFormat: responseFormat as never, ...options } }, new AbortController().signal));
	const schemaOf = (schema: object) => ({ type: 'json_schema', json_schema: { name: 'x', schema } });
	const closing = { logitBias: { '34': 6, '125': 6, '93': 6 } };

	it('says some JSON object when asked for one', async () => {
		for (const seed of [1, 2, 3, 4]) {
			const { text, finish } = await ask({ type: 'json_object' }, { ...closing, seed });
			expect(finish).toBe('stop');
			expect(faultOf({ type: 'object' }, text)).toBeUndefined();
		}
	});

	it('is cut at the limit of tokens, and says so', async () => {
		const { finish, usage } = await ask(schemaOf({ type: 'string', minLength: 5000 }), { maxTokens: 20 });
		expect(finish).toBe('length');
		expect(usage!.completionTokens).toBe(20);
	});

	it('writes long texts of an exact length', async () => {
		const schema = { type: 'string', minLength: 300, maxLength: 301, pattern: '^[a-f]*$' };
		const { text, finish } = await ask(schemaOf(schema), { maxTokens: 700 });
		expect(finish).toBe('stop');
		expect(faultOf(schema, text)).toBeUndefined();
		const unbound = { type: 'string', minLength: 400, maxLength: 700 };
		const long = await ask(schemaOf(unbound), { ...closing, maxTokens: 800 });
		expect(long.finish).toBe('stop');
		expect(faultOf(unbound, long.text)).toBeUndefined();
	});

	it('ends a schema that has too many ways to read an answer, and lives on', async () => {
		const lists = Array.from({ length: 6 }, (_, i) => ({ type: 'array', minItems: 1, maxItems: 50 + i, items: { $ref: '#' } }));
		const hostile = ask(schemaOf({ anyOf: [...lists, { type: 'null' }] }), { logitBias: { '91': 40 } });
		await expect(hostile).rejects.toMatchObject({ code: 'UNSUPPORTED_PARAMETER', message: expect.stringContaining('too many ways') as string });
		expect((await ask({ type: 'json_object' }, closing)).finish).toBe('stop');
	});

	it('gives each of several choices a document of its own', async () => {
		const { events } = await ask(schemaOf({ type: 'integer', minimum: 100, maximum: 999 }), { choices: 3 });
		for (const choice of [0, 1, 2]) expect(events.map((event) => (event.type === 'text' && (event.choice ?? 0) === choice ? event.text : '')).join('')).toMatch(/^\d{3}$/);
	});
});

describe('a model that thinks', () => {
	const template = "{%- for message in messages %}{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}{%- endfor %}{{- '<|im_start|>assistant\\n' }}";
	it.each([['begins to think by itself', `${template}{#- <think> #}`, '<think>\nLet me see now.\n</think>\n\n{"four": 4}'], ['was told to think by its template', `${template}{{- '<think>\\n' }}`, 'Let me see now.\n</think>\n\n{"four": 4}']])('and %s answers in JSON after its thoughts', async (name, itsTemplate, sentence) => {
		const thinking = await openEngine({ modelPath: scriptedModel(dir, { sentence, template: itsTemplate, fileName: `${name}.gguf` }), contextLength: 512, slots: 1, batchSize: 128, threads: 1, gpuLayers: 0, flashAttention: false, kvCacheType: 'f16', purpose: 'generate' }, () => {});
		try {
			const responseFormat = { type: 'json_schema' as const, json_schema: { schema: { type: 'object', properties: { four: { const: 4 } }, required: ['four'] } } };
			const answer = await readAnswer(thinking.generate({ messages: [{ role: 'user', content: 'Hi' }], options: { temperature: 0, maxTokens: 60, seed: 1, responseFormat } }, new AbortController().signal));
			expect(answer).toMatchObject({ reasoning: 'Let me see now.', text: '{"four": 4}', finish: 'stop' });
		} finally {
			await thinking.close();
		}
	});
});
