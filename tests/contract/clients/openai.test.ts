import OpenAI, { APIUserAbortError, AuthenticationError, BadRequestError, NotFoundError } from 'openai';
import { beforeAll, describe, expect, it } from 'vitest';
import { idle, person, question, useTarget, weather } from './target.ts';

const target = useTarget();
let client: OpenAI;
beforeAll(() => {
	client = new OpenAI({ baseURL: `${target().url}/v1/`, apiKey: target().apiKey, maxRetries: 0 });
});
const messages = [{ role: 'user' as const, content: question }];
const tools = [{ type: 'function' as const, function: weather }];
const failureOf = (promise: PromiseLike<unknown>) => promise.then(() => expect.unreachable('it should have failed'), (error: unknown) => error);

describe('openai', () => {
	it('chats, whole and streamed, with a local model and an upstream’s', async () => {
		const { model, upstream, words } = target();
		for (const [name, said] of [[model, words], [upstream, undefined]] as const) {
			if (!name) continue;
			const whole = await client.chat.completions.create({ model: name, messages, temperature: 0, max_tokens: 64 });
			if (said) expect(whole.choices[0]!.message.content).toBe(said);
			expect(whole.usage!.total_tokens).toBeGreaterThan(0);
			let text = '';
			let usage: OpenAI.CompletionUsage | null | undefined;
			for await (const chunk of await client.chat.completions.create({ model: name, messages, temperature: 0, max_tokens: 64, stream: true, stream_options: { include_usage: true } })) {
				text += chunk.choices[0]?.delta.content ?? '';
				usage = chunk.usage ?? usage;
			}
			expect(text).toBe(whole.choices[0]!.message.content);
			expect(usage!.completion_tokens).toBe(whole.usage!.completion_tokens);
		}
	});

	it('calls tools, free and forced, and hears of their results', async () => {
		for (const tool_choice of ['auto', 'required', { type: 'function', function: { name: 'weather' } }] as const) {
			const { choices } = await client.chat.completions.create({ model: target().caller, messages, tools, tool_choice, temperature: 0 });
			expect(choices[0]!.finish_reason).toBe('tool_calls');
			const [call] = choices[0]!.message.tool_calls!;
			if (call!.type !== 'function') throw new Error(call!.type);
			expect(JSON.parse(call!.function.arguments)).toHaveProperty('city');
			const again = await client.chat.completions.create({ model: target().model, messages: [...messages, choices[0]!.message, { role: 'tool', tool_call_id: call!.id, content: 'sunny' }], temperature: 0, max_tokens: 8 });
			expect(again.choices).toHaveLength(1);
		}
	});

	it('gets structured output that fits its schema', async () => {
		const { choices } = await client.chat.completions.create({ model: target().endless, messages, response_format: { type: 'json_schema', json_schema: { name: 'person', strict: true, schema: person } } });
		expect(JSON.parse(choices[0]!.message.content!)).toEqual({ age: expect.any(Number) });
	});

	it('answers responses, whole and streamed', async () => {
		const { model, words } = target();
		const whole = await client.responses.create({ model, input: question, temperature: 0 });
		if (words) expect(whole.output_text).toBe(words);
		const stream = client.responses.stream({ model, input: question, temperature: 0 });
		let text = '';
		for await (const event of stream) if (event.type === 'response.output_text.delta') text += event.delta;
		expect(text).toBe(whole.output_text);
		expect((await stream.finalResponse()).status).toBe('completed');
	});

	it('continues a raw prompt', async () => {
		const { model, words } = target();
		const { choices } = await client.completions.create({ model, prompt: `${question}\n`, temperature: 0, max_tokens: 64 });
		if (words) expect(choices[0]!.text).toBe(words);
	});

	it('embeds, in base64 as it asks by itself, and in floats', async () => {
		const [asked, floats] = await Promise.all([
			client.embeddings.create({ model: target().embedder, input: ['one text', 'another'] }),
			client.embeddings.create({ model: target().embedder, input: ['one text', 'another'], encoding_format: 'float' })
		]);
		expect(asked.data.map(({ embedding }) => embedding.length)).toEqual(floats.data.map(({ embedding }) => embedding.length));
		asked.data[1]!.embedding.forEach((value, place) => expect(value).toBeCloseTo(floats.data[1]!.embedding[place]!, 4));
	});

	it('throws errors of their classes', async () => {
		const { model, url } = target();
		expect(await failureOf(client.chat.completions.create({ model: 'no such model', messages }))).toBeInstanceOf(NotFoundError);
		expect(await failureOf(client.chat.completions.create({ model, messages, temperature: 9 }))).toBeInstanceOf(BadRequestError);
		const tooLong = await failureOf(client.chat.completions.create({ model, messages: [{ role: 'user', content: 'word '.repeat(200_000) }] }));
		expect(tooLong).toMatchObject({ status: 400, code: 'context_length_exceeded' });
		expect(await failureOf(new OpenAI({ baseURL: `${url}/v1`, apiKey: 'wrong', maxRetries: 0 }).models.list())).toBeInstanceOf(AuthenticationError);
		expect((await client.models.list()).data.map(({ id }) => id)).toContain(model);
	});

	it('aborts: leaving a stream and a whole answer ends the work', async () => {
		const { endless } = target();
		for await (const chunk of await client.chat.completions.create({ model: endless, messages, stream: true })) if (chunk.choices[0]?.delta.content) break;
		await idle(target());
		const controller = new AbortController();
		setTimeout(() => controller.abort(), 300);
		expect(await failureOf(client.chat.completions.create({ model: endless, messages }, { signal: controller.signal }))).toBeInstanceOf(APIUserAbortError);
		await idle(target());
	});
});
