/** Families whose thoughts, calls and answers stand between control tokens, which are no text. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ChatMessage, ChatOptions } from '#lib/contract/chat.ts';
import { callsOf, readAnswer } from '../../../../../tests/support/answer.ts';
import { faultOf } from '../../../../../tests/support/json-schema/check-schemas.ts';
import { scriptedModel, tinyModel } from '../../../../../tests/support/models.ts';
import { testEngines } from '../../../../../tests/support/test-engines.ts';
import type { Engine } from './protocol.ts';

const { dir, open } = testEngines({ contextLength: 2000 });
const parameters = { type: 'object', properties: { days: { type: 'integer', minimum: 1, maximum: 7 } }, required: ['days'], additionalProperties: false };
const tools: NonNullable<ChatOptions['tools']> = [{ type: 'function', function: { name: 'weather', description: 'Weather', parameters } }];
const responseFormat: ChatOptions['responseFormat'] = { type: 'json_schema', json_schema: { name: 'days', schema: parameters } };
const ask = (engine: Engine, options: Partial<ChatOptions> = {}) =>
	readAnswer(engine.generate({ messages: [{ role: 'user', content: 'Well?' }], options: { temperature: 0, maxTokens: 300, seed: 1, ...options } }, new AbortController().signal));

describe('Command R', () => {
	const scripted = (fileName: string, sentence: string) => open(scriptedModel(dir, { dialect: 'cohere', fileName, sentence }));

	it('says what stands between its marks', async () => {
		const engine = await scripted('cohere-says.gguf', '<|START_RESPONSE|>It is four.<|END_RESPONSE|>');
		expect(await ask(engine)).toMatchObject({ text: 'It is four.', reasoning: '', finish: 'stop' });
		expect(await ask(engine, { tools })).toMatchObject({ text: 'It is four.', finish: 'stop' });
	});

	it('thinks, and no longer than it may', async () => {
		const engine = await scripted('cohere-thinks.gguf', '<|START_THINKING|>Two and two make four.<|END_THINKING|><|START_RESPONSE|>Found!<|END_RESPONSE|>');
		for (const options of [{}, { tools }]) expect(await ask(engine, options)).toMatchObject({ reasoning: 'Two and two make four.', text: 'Found!', finish: 'stop' });
		const brief = await ask(engine, { reasoningBudget: 2, maxTokens: 40 });
		expect(brief.reasoning.length).toBeLessThan('Two and two make four.'.length);
		expect(brief.usage!.reasoningTokens).toBeLessThan(10);
	});

	it('calls a tool after its thoughts', async () => {
		const engine = await scripted('cohere-calls.gguf', '<|START_THINKING|>I look.<|END_THINKING|><|START_ACTION|>[\n    {"tool_call_id": "0", "tool_name": "weather", "parameters": {"days": 3}}\n]<|END_ACTION|>');
		for (const toolChoice of ['auto', 'required'] as const) {
			const answer = await ask(engine, { tools, toolChoice });
			expect(answer).toMatchObject({ reasoning: 'I look.', text: '', finish: 'tool_calls' });
			expect(callsOf(answer.events)).toMatchObject([{ name: 'weather', arguments: '{"days": 3}' }]);
		}
	});

	it('is held to a schema, and to a call that must come, whatever its weights', async () => {
		const engine = await open(tinyModel(dir, { dialect: 'cohere', fileName: 'cohere-random.gguf' }));
		for (let seed = 1; seed <= 4; seed++) {
			const held = await ask(engine, { temperature: 1, seed, responseFormat, logitBias: { '34': 5, '125': 6 } });
			expect(held.finish === 'length' || faultOf(parameters, held.text) === undefined).toBe(true);
			const { events, finish } = await ask(engine, { temperature: 1, seed, tools, toolChoice: 'required' });
			if (finish !== 'length') for (const call of callsOf(events)) expect(faultOf(parameters, call.arguments)).toBeUndefined();
		}
	});
});

describe('Mistral', () => {
	const scripted = (fileName: string, sentence: string, template?: string) => open(scriptedModel(dir, { dialect: 'mistral', fileName, sentence, ...(template === undefined ? {} : { template }) }));
	const magistral = readFileSync(join(import.meta.dirname, '../../../../../tests/support/chat-families/magistral.jinja'), 'utf8');

	it('calls a tool with an id of its own', async () => {
		const engine = await scripted('mistral-calls.gguf', 'Let me see.[TOOL_CALLS]weather[CALL_ID]abcDEF123[ARGS]{"days": 3}');
		const answer = await ask(engine, { tools });
		expect(answer).toMatchObject({ text: 'Let me see.', finish: 'tool_calls' });
		expect(callsOf(answer.events)).toEqual([{ id: 'abcDEF123', name: 'weather', arguments: '{"days": 3}' }]);
	});

	it('writes ids that its own template takes back, whatever its weights', async () => {
		const engine = await open(tinyModel(dir, { dialect: 'mistral', fileName: 'mistral-random.gguf' }));
		const answer = await ask(engine, { temperature: 1, seed: 2, tools, toolChoice: 'required', parallelToolCalls: false });
		const [call] = callsOf(answer.events);
		expect(answer).toMatchObject({ text: '', finish: 'tool_calls' });
		expect(call!.id).toMatch(/^[a-zA-Z0-9]{9}$/);
		expect(faultOf(parameters, call!.arguments)).toBeUndefined();
		const messages: ChatMessage[] = [{ role: 'user', content: 'Well?' }, { role: 'assistant', content: '', toolCalls: [call!] }, { role: 'tool', content: 'sun', toolCallId: call!.id }];
		expect(await engine.countPrompt({ messages, options: { temperature: 0, maxTokens: 1, seed: 1, tools } }, new AbortController().signal)).toBeGreaterThan(20);
	});

	it('thinks between its marks', async () => {
		const engine = await scripted('magistral.gguf', '[THINK]Two and two make four.[/THINK]Four.', magistral);
		for (const options of [{}, { tools }]) expect(await ask(engine, options)).toMatchObject({ reasoning: 'Two and two make four.', text: 'Four.', finish: 'stop' });
	});

	it('shows no mark in the continuation of a raw prompt', async () => {
		const engine = await scripted('magistral-raw.gguf', '[THINK]Two.[/THINK]Four.', magistral);
		const answer = await readAnswer(engine.generate({ messages: [], prompt: '<s>[SYSTEM_PROMPT]a[/SYSTEM_PROMPT][INST]Well?[/INST]', options: { temperature: 0, maxTokens: 20, seed: 1 } }, new AbortController().signal));
		expect(answer.text).not.toContain('THINK');
	});
});
