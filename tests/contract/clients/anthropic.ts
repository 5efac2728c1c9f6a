import Anthropic, { APIUserAbortError, AuthenticationError, BadRequestError, InternalServerError, NotFoundError } from '@anthropic-ai/sdk';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectWords, failureOf, origins, person, question, tooLong, until, weather, type Target } from './target.ts';

/** the SDK's types no longer have it, its servers and ours take it */
const cold: object = { temperature: 0 };
const messages = [{ role: 'user' as const, content: question }];
const tools = [{ name: weather.name, description: weather.description, input_schema: weather.parameters }];
const textOf = ({ content }: Anthropic.Message) => content.map((block) => (block.type === 'text' ? block.text : '')).join('');

export function anthropic(target: () => Target): void {
	let client: Anthropic;
	beforeAll(() => {
		client = new Anthropic({ baseURL: target().url, apiKey: target().apiKey, maxRetries: 0 });
	});

	describe.each(origins)('with %s', (origin) => {
		const models = () => target().models[origin]!;

		it('gets messages, whole and streamed', async () => {
			const request = { model: models().plain, max_tokens: 64, ...cold, messages };
			const whole = await client.messages.create(request);
			expectWords(models(), textOf(whole));
			const stream = client.messages.stream(request);
			expectWords(models(), await stream.finalText());
			const streamed = await stream.finalMessage();
			for (const { stop_reason, usage } of [whole, streamed]) expect([['end_turn', 'max_tokens'].includes(stop_reason!), usage.output_tokens > 0]).toEqual([true, true]);
			if (models().words !== undefined) expect(streamed.usage.output_tokens).toBe(whole.usage.output_tokens);
		});

		it('calls tools, forced and free, and hears of their results', async () => {
			for (const tool_choice of [{ type: 'any' }, { type: 'tool', name: 'weather' }, { type: 'auto' }] as const) {
				const message = await client.messages.create({ model: models().caller, max_tokens: 128, ...cold, messages, tools, tool_choice });
				const call = message.content.find((block) => block.type === 'tool_use');
				if (tool_choice.type === 'auto' && !target().ours && !call) continue; // it is free not to
				expect([message.stop_reason, call?.input]).toEqual(['tool_use', { city: expect.any(String) }]);
				const turns: Anthropic.MessageParam[] = [...messages, { role: 'assistant', content: message.content }, { role: 'user', content: [{ type: 'tool_result', tool_use_id: call!.id, content: 'sunny' }] }];
				expect((await client.messages.create({ model: models().plain, max_tokens: 8, messages: turns, tools })).role).toBe('assistant');
			}
			const streamed = await client.messages.stream({ model: models().caller, max_tokens: 128, ...cold, messages, tools, tool_choice: { type: 'any' } }).finalMessage();
			expect(streamed.content.find((block) => block.type === 'tool_use')).toMatchObject({ input: { city: expect.any(String) } });
		});

		it('gets structured output that fits its schema', async () => {
			const message = await client.messages.create({ model: models().structured, max_tokens: 128, messages, output_config: { format: { type: 'json_schema', schema: person } } });
			expect(JSON.parse(textOf(message))).toEqual({ age: expect.any(Number) });
		});

		it('counts tokens', async () => {
			expect((await client.messages.countTokens({ model: models().plain, messages })).input_tokens).toBeGreaterThan(0);
		});

		it('throws errors of their classes', async () => {
			const { plain, failing } = models();
			const long = await failureOf(client.messages.create({ model: plain, max_tokens: 8, messages: [{ role: 'user', content: tooLong }] }));
			expect(long).toBeInstanceOf(BadRequestError);
			if (target().ours) expect((long as Error).message).toMatch(/prompt is too long: \d+ tokens > \d+ maximum/);
			await failing?.(async () => {
				expect(await failureOf(client.messages.create({ model: plain, max_tokens: 8, messages }))).toBeInstanceOf(InternalServerError);
			});
		});

		it('aborts: leaving a stream ends the work', async () => {
			const stream = client.messages.stream({ model: models().endless, max_tokens: 10_000, messages });
			const failure = failureOf(stream.finalMessage());
			await new Promise<void>((resolve) => stream.once('text', () => resolve()));
			await until('working', models());
			stream.abort();
			if (target().ours) expect(await failure).toBeInstanceOf(APIUserAbortError);
			await until('idle', models());
		});
	});

	it('throws errors of their classes for what no model answers', async () => {
		const { plain } = target().models[origins[0]!]!;
		expect(await failureOf(client.messages.create({ model: 'no such model', max_tokens: 8, messages }))).toBeInstanceOf(NotFoundError);
		expect(await failureOf(client.messages.create({ model: plain, max_tokens: 8, messages: 'no list' as never }))).toBeInstanceOf(BadRequestError);
		if (target().authenticates) expect(await failureOf(new Anthropic({ baseURL: target().url, apiKey: 'wrong', maxRetries: 0 }).messages.create({ model: plain, max_tokens: 8, messages }))).toBeInstanceOf(AuthenticationError);
	});

	it('brings its key as a Bearer, too', async () => {
		const { plain } = target().models[origins[0]!]!;
		const bearer = new Anthropic({ baseURL: target().url, apiKey: null, authToken: target().apiKey, maxRetries: 0 });
		expect((await bearer.messages.create({ model: plain, max_tokens: 8, messages })).type).toBe('message');
	});
}
