import { describe, expect, it } from 'vitest';
import type { ChatMessage, ChatOptions } from '#lib/contract/chat.ts';
import { callsOf, readAnswer } from '../../../../../tests/support/answer.ts';
import { scriptedModel, tinyModel } from '../../../../../tests/support/models.ts';
import { testEngines } from '../../../../../tests/support/test-engines.ts';
import type { Engine } from './protocol.ts';

const { dir, open } = testEngines();
const tools: NonNullable<ChatOptions['tools']> = [{ type: 'function', function: { name: 'weather', parameters: { type: 'object', properties: { days: { type: 'integer', minimum: 1, maximum: 7 } }, required: ['days'], additionalProperties: false } } }];
const ask = (engine: Engine, options: Partial<ChatOptions> = {}, messages: ChatMessage[] = [{ role: 'user', content: 'Well?' }]) =>
	readAnswer(engine.generate({ messages, options: { temperature: 0, maxTokens: 300, seed: 1, ...options } }, new AbortController().signal));
const scripted = (fileName: string, sentence: string) => open(scriptedModel(dir, { dialect: 'harmony', fileName, sentence }));

describe('a model of the harmony format', () => {
	it('says its answer without the format’s words', async () => {
		expect(await ask(await scripted('final.gguf', '<|channel|>final<|message|>It is four.'))).toMatchObject({ text: 'It is four.', reasoning: '', finish: 'stop' });
	});

	it('thinks in the channel for it, no longer than it may', async () => {
		const engine = await scripted('analysis.gguf', '<|channel|>analysis<|message|>Two and two make four.');
		expect(await ask(engine)).toMatchObject({ text: '', reasoning: 'Two and two make four.', finish: 'stop' });
		const brief = await ask(engine, { reasoningBudget: 2, maxTokens: 30 });
		expect(brief.reasoning.length).toBeLessThan('Two and two make four.'.length);
		expect(brief.usage!.reasoningTokens).toBeLessThan(10);
	});

	it('calls a function', async () => {
		const engine = await scripted('call.gguf', '<|channel|>commentary to=functions.weather <|constrain|>json<|message|>{"days": 3}');
		const answer = await ask(engine, { tools });
		expect(answer).toMatchObject({ text: '', finish: 'tool_calls' });
		expect(callsOf(answer.events)).toEqual([{ id: expect.stringMatching(/^call_/) as string, name: 'weather', arguments: '{"days": 3}' }]);
	});

	it('reads what it called, and what came of it', async () => {
		const engine = await scripted('then.gguf', '<|channel|>final<|message|>Sunny.');
		const said: ChatMessage[] = [
			{ role: 'user', content: 'Well?' },
			{ role: 'assistant', content: '', reasoning: 'Look.', toolCalls: [{ id: 'call_1', name: 'weather', arguments: '{"days": 3}' }] },
			{ role: 'tool', content: 'sun', toolCallId: 'call_1' }
		];
		expect(await ask(engine, { tools }, said)).toMatchObject({ text: 'Sunny.', finish: 'stop' });
		const count = (messages: ChatMessage[]) => engine.countPrompt({ messages, options: { temperature: 0, maxTokens: 1, seed: 1, tools } }, new AbortController().signal);
		expect(await count(said)).toBeGreaterThan((await count(said.slice(0, 1))) + 10);
	});

	it('is held to a schema, and to a call that must come, whatever its weights', async () => {
		const engine = await open(tinyModel(dir, { dialect: 'harmony', fileName: 'random.gguf' }));
		const schema = { type: 'object', properties: { n: { type: 'integer', minimum: 0, maximum: 99 } }, required: ['n'], additionalProperties: false };
		for (const seed of [1, 2, 3]) {
			const json = await ask(engine, { temperature: 1, seed, reasoningBudget: 5, responseFormat: { type: 'json_schema', json_schema: { schema } } });
			expect(JSON.parse(json.text)).toEqual({ n: expect.any(Number) as number });
			const call = await ask(engine, { temperature: 1, seed, reasoningBudget: 5, tools, toolChoice: 'required' });
			expect(call).toMatchObject({ text: '', finish: 'tool_calls' });
			expect(JSON.parse(callsOf(call.events)[0]!.arguments)).toEqual({ days: expect.any(Number) as number });
		}
	});
});
