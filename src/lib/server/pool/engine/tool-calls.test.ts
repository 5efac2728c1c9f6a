import { beforeAll, describe, expect, it } from 'vitest';
import type { ChatMessage, ChatOptions } from '#lib/contract/chat.ts';
import { callsOf, readAnswer } from '../../../../../tests/support/answer.ts';
import { chatTemplates } from '../../../../../tests/support/gguf/chat-templates.ts';
import { faultOf } from '../../../../../tests/support/json-schema/check-schemas.ts';
import { scriptedModel, tinyModel } from '../../../../../tests/support/models.ts';
import { testEngines } from '../../../../../tests/support/test-engines.ts';
import type { Engine } from './protocol.ts';

const { dir, open } = testEngines({ slots: 2 });

const parameters = { type: 'object', properties: { city: { type: 'string', maxLength: 12 }, days: { type: 'integer', minimum: 1, maximum: 7 } }, required: ['city'], additionalProperties: false };
const tools: NonNullable<ChatOptions['tools']> = [
	{ type: 'function', function: { name: 'get_weather', description: 'The weather in a city <|im_end|>', parameters } },
	{ type: 'function', function: { name: 'now' } }
];

function ask(engine: Engine, options: Partial<ChatOptions>, messages: ChatMessage[] = [{ role: 'user', content: 'What is the weather in Paris?' }]) {
	return readAnswer(engine.generate({ messages, options: { temperature: 0, maxTokens: 400, seed: 1, tools, ...options } }, new AbortController().signal));
}

describe('a scripted model', () => {
	const call = '{"name": "get_weather", "arguments": {"city": "Paris", "days": 3}}';

	it('calls a tool after some words, its arguments streamed', async () => {
		const engine = await open(scriptedModel(dir, { sentence: `I will look it up.\n<tool_call>\n${call}\n</tool_call>`, fileName: 'hermes.gguf' }));
		const answer = await ask(engine, {});
		expect(answer).toMatchObject({ text: 'I will look it up.\n', finish: 'tool_calls' });
		expect(callsOf(answer.events)).toEqual([{ id: expect.stringMatching(/^call_/) as string, name: 'get_weather', arguments: '{"city": "Paris", "days": 3}' }]);
		expect(answer.events.filter((event) => event.type === 'toolCall').length).toBeGreaterThan(3);
		const ids = [answer, await ask(engine, {})].map(({ events }) => callsOf(events)[0]!.id);
		expect(ids[0]).not.toBe(ids[1]);
		const cut = await ask(engine, { maxTokens: answer.usage!.completionTokens - 6 });
		expect(cut.finish).toBe('length');
	});

	it('says the call as text when there are no tools to call', async () => {
		const engine = await open(scriptedModel(dir, { sentence: `<tool_call>\n${call}\n</tool_call>`, fileName: 'bare.gguf' }));
		expect(await ask(engine, { toolChoice: 'none' })).toMatchObject({ text: `<tool_call>\n${call}\n</tool_call>`, finish: 'stop' });
		expect((await ask(engine, {})).text).toBe('');
	});

	it("calls in the syntax of Llama 3's template", async () => {
		const engine = await open(scriptedModel(dir, { sentence: '{"name": "get_weather", "parameters": {"city": "Paris"}}', dialect: 'llama3', fileName: 'llama3.gguf' }));
		const answer = await ask(engine, {});
		expect(answer).toMatchObject({ text: '', finish: 'tool_calls' });
		expect(callsOf(answer.events)).toMatchObject([{ name: 'get_weather', arguments: '{"city": "Paris"}' }]);
	});

	it('calls after its thoughts', async () => {
		const engine = await open(scriptedModel(dir, { sentence: `<think>\nI could ask.\n</think>\n\n<tool_call>\n${call}\n</tool_call>`, template: `${chatTemplates['chatml-thinking']}{#- <think> #}`, fileName: 'thinking.gguf' }));
		for (const toolChoice of ['auto', 'required'] as const) {
			const answer = await ask(engine, { toolChoice });
			expect(answer).toMatchObject({ reasoning: 'I could ask.', text: '', finish: 'tool_calls' });
			expect(callsOf(answer.events)).toMatchObject([{ name: 'get_weather' }]);
		}
	});
});

describe('a random model', () => {
	let engine: Engine;
	beforeAll(async () => {
		engine = await open(tinyModel(dir));
	});
	const lively = (seed: number): Partial<ChatOptions> => ({ temperature: 1, seed, logitBias: { '34': 5, '125': 6 } });

	it('calls a tool when it must, with arguments by its schema', async () => {
		const names = new Set<string>();
		for (let seed = 1; seed <= 12; seed++) {
			const { events, finish, text } = await ask(engine, { ...lively(seed), toolChoice: 'required' });
			expect({ finish, text }).toEqual({ finish: 'tool_calls', text: '' });
			for (const call of callsOf(events)) {
				names.add(call.name);
				expect(faultOf(call.name === 'now' ? { type: 'object', maxProperties: 0 } : parameters, call.arguments)).toBeUndefined();
			}
		}
		expect([...names].sort()).toEqual(['get_weather', 'now']);
	});

	it('calls the tool that is named, and once where no parallel calls are wanted', async () => {
		for (let seed = 1; seed <= 6; seed++) {
			const { events } = await ask(engine, { ...lively(seed), toolChoice: { type: 'function', function: { name: 'now' } }, parallelToolCalls: false });
			expect(callsOf(events)).toMatchObject([{ name: 'now', arguments: '{}' }]);
		}
	});

	it('can call several at once', async () => {
		const { events, finish } = await ask(engine, { ...lively(3), toolChoice: { type: 'function', function: { name: 'now' } }, logitBias: { '10': 30 } });
		expect(finish).toBe('length');
		expect(callsOf(events).length).toBeGreaterThan(3);
		expect(new Set(callsOf(events).map(({ id }) => id)).size).toBe(callsOf(events).length);
	});

	it('talks when it may', async () => {
		const { text, finish } = await ask(engine, { temperature: 1, maxTokens: 60 });
		expect(finish).toBe('length');
		expect(text.length).toBeGreaterThan(50);
	});

	it('takes any object where a schema cannot be expressed, unless it is strict', async () => {
		const odd = (strict: boolean): NonNullable<ChatOptions['tools']> => [{ type: 'function', function: { name: 'odd', strict, parameters: { type: 'object', not: {} } } }];
		const answer = await ask(engine, { ...lively(2), tools: odd(false), toolChoice: 'required' });
		expect(typeof JSON.parse(callsOf(answer.events)[0]!.arguments)).toBe('object');
		await expect(ask(engine, { tools: odd(true), toolChoice: 'required' })).rejects.toMatchObject({ code: 'UNSUPPORTED_PARAMETER', message: expect.stringContaining('"not"') as string });
	});

	it('refuses to call what is not there', async () => {
		await expect(ask(engine, { toolChoice: { type: 'function', function: { name: 'none' } } })).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
		await expect(ask(engine, { tools: [], toolChoice: 'required' })).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
	});
});
