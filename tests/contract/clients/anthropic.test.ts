import Anthropic, { APIUserAbortError, AuthenticationError, BadRequestError, NotFoundError } from '@anthropic-ai/sdk';
import { beforeAll, describe, expect, it } from 'vitest';
import { idle, question, useTarget, weather } from './target.ts';

const target = useTarget();
let client: Anthropic;
beforeAll(() => {
	client = new Anthropic({ baseURL: target().url, apiKey: target().apiKey, maxRetries: 0 });
});
/** the SDK's types no longer have it, its servers and ours take it */
const cold: object = { temperature: 0 };
const messages = [{ role: 'user' as const, content: question }];
const tools = [{ name: weather.name, description: weather.description, input_schema: weather.parameters }];
const failureOf = (promise: PromiseLike<unknown>) => promise.then(() => expect.unreachable('it should have failed'), (error: unknown) => error);

describe('@anthropic-ai/sdk', () => {
	it('gets messages, whole and streamed, with a local model and an upstream’s', async () => {
		const { model, upstream, words } = target();
		for (const [name, said] of [[model, words], [upstream, undefined]] as const) {
			if (!name) continue;
			const whole = await client.messages.create({ model: name, max_tokens: 64, ...cold, messages });
			const text = whole.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
			if (said) expect(text).toBe(said);
			const stream = client.messages.stream({ model: name, max_tokens: 64, ...cold, messages });
			expect(await stream.finalText()).toBe(text);
			expect(await stream.finalMessage()).toMatchObject({ stop_reason: 'end_turn', usage: { output_tokens: whole.usage.output_tokens } });
		}
	});

	it('calls tools, free and forced, and hears of their results', async () => {
		for (const tool_choice of [{ type: 'auto' }, { type: 'any' }, { type: 'tool', name: 'weather' }] as const) {
			const message = await client.messages.create({ model: target().caller, max_tokens: 128, ...cold, messages, tools, tool_choice });
			const call = message.content.find((block) => block.type === 'tool_use')!;
			expect([message.stop_reason, call.input]).toEqual(['tool_use', { city: expect.any(String) }]);
			const turns: Anthropic.MessageParam[] = [...messages, { role: 'assistant', content: message.content }, { role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: 'sunny' }] }];
			expect((await client.messages.create({ model: target().model, max_tokens: 8, messages: turns, tools })).role).toBe('assistant');
		}
		const streamed = await client.messages.stream({ model: target().caller, max_tokens: 128, ...cold, messages, tools }).finalMessage();
		expect(streamed.content.find((block) => block.type === 'tool_use')).toMatchObject({ input: { city: expect.any(String) } });
	});

	it('counts tokens', async () => {
		expect((await client.messages.countTokens({ model: target().model, messages })).input_tokens).toBeGreaterThan(0);
	});

	it('throws errors of their classes', async () => {
		const { model, url } = target();
		expect(await failureOf(client.messages.create({ model: 'no such model', max_tokens: 8, messages }))).toBeInstanceOf(NotFoundError);
		const tooLong = await failureOf(client.messages.create({ model, max_tokens: 8, messages: [{ role: 'user', content: 'word '.repeat(200_000) }] }));
		expect(tooLong).toBeInstanceOf(BadRequestError);
		expect((tooLong as Error).message).toMatch(/prompt is too long: \d+ tokens > \d+ maximum/);
		expect(await failureOf(new Anthropic({ baseURL: url, apiKey: 'wrong', maxRetries: 0 }).messages.create({ model, max_tokens: 8, messages }))).toBeInstanceOf(AuthenticationError);
	});

	it('aborts: leaving a stream ends the work', async () => {
		const stream = client.messages.stream({ model: target().endless, max_tokens: 10_000, messages });
		stream.on('text', () => stream.abort());
		expect(await failureOf(stream.finalMessage())).toBeInstanceOf(APIUserAbortError);
		await idle(target());
	});
});
