import OpenAI, { APIUserAbortError, AuthenticationError, BadRequestError, InternalServerError, NotFoundError } from 'openai';
import { beforeAll, describe, expect, it } from 'vitest';
import { canEmbed, expectWords, failureOf, origins, person, question, tooLong, until, weather, type Target } from './target.ts';

const messages = [{ role: 'user' as const, content: question }];
const tools = [{ type: 'function' as const, function: weather }];

export function openAi(target: () => Target): void {
	let client: OpenAI;
	beforeAll(() => {
		client = new OpenAI({ baseURL: `${target().url}/v1/`, apiKey: target().apiKey, maxRetries: 0 });
	});

	describe.each(origins)('with %s', (origin) => {
		const models = () => target().models[origin]!;

		it('chats, whole and streamed', async () => {
			const request = { model: models().plain, messages, temperature: 0, max_tokens: 64 };
			const whole = await client.chat.completions.create(request);
			expectWords(models(), whole.choices[0]!.message.content);
			expect(['stop', 'length']).toContain(whole.choices[0]!.finish_reason);
			let text = '';
			let usage: OpenAI.CompletionUsage | null | undefined;
			for await (const chunk of await client.chat.completions.create({ ...request, stream: true, stream_options: { include_usage: true } })) {
				text += chunk.choices[0]?.delta.content ?? '';
				usage = chunk.usage ?? usage;
			}
			expectWords(models(), text);
			for (const told of [whole.usage!, usage!]) expect(told.total_tokens).toBe(told.prompt_tokens + told.completion_tokens);
			if (models().words !== undefined) expect(usage!.completion_tokens).toBe(whole.usage!.completion_tokens);
		});

		it('calls tools, forced and free, and hears of their results', async () => {
			for (const tool_choice of ['required', { type: 'function', function: { name: 'weather' } }, 'auto'] as const) {
				const { choices } = await client.chat.completions.create({ model: models().caller, messages, tools, tool_choice, temperature: 0 });
				const { message, finish_reason } = choices[0]!;
				if (tool_choice === 'auto' && !target().ours && !message.tool_calls?.length) continue; // it is free not to
				expect(finish_reason).toBe('tool_calls');
				const [call] = message.tool_calls!;
				if (call!.type !== 'function') throw new Error(call!.type);
				expect(JSON.parse(call!.function.arguments)).toEqual({ city: expect.any(String) });
				const again = await client.chat.completions.create({ model: models().plain, messages: [...messages, message, { role: 'tool', tool_call_id: call!.id, content: 'sunny' }], tools, temperature: 0, max_tokens: 8 });
				expect(again.choices).toHaveLength(1);
			}
		});

		it('gathers a streamed call', async () => {
			const { choices } = await client.chat.completions.stream({ model: models().caller, messages, tools, tool_choice: 'required', temperature: 0 }).finalChatCompletion();
			expect(choices[0]).toMatchObject({ finish_reason: 'tool_calls', message: { tool_calls: [{ type: 'function', function: { name: 'weather' } }] } });
		});

		it('gets structured output that fits its schema', async () => {
			const { choices } = await client.chat.completions.create({ model: models().structured, messages, response_format: { type: 'json_schema', json_schema: { name: 'person', strict: true, schema: person } } });
			expect(JSON.parse(choices[0]!.message.content!)).toEqual({ age: expect.any(Number) });
		});

		it('answers responses, whole and streamed', async () => {
			const request = { model: models().plain, input: question, temperature: 0 };
			expectWords(models(), (await client.responses.create(request)).output_text);
			const stream = client.responses.stream(request);
			let text = '';
			for await (const event of stream) if (event.type === 'response.output_text.delta') text += event.delta;
			expectWords(models(), text);
			expect((await stream.finalResponse()).status).toBe('completed');
		});

		it('continues a raw prompt', async () => {
			const { choices } = await client.completions.create({ model: models().plain, prompt: `${question}\n`, temperature: 0, max_tokens: 64 });
			expectWords(models(), choices[0]!.text.trim());
		});

		if (canEmbed) {
			it('embeds, in base64 as it asks by itself, and in floats', async () => {
				const request = { model: models().embedder!, input: ['one text', 'another'] };
				const [asked, floats] = await Promise.all([client.embeddings.create(request), client.embeddings.create({ ...request, encoding_format: 'float' })]);
				expect(asked.data.map(({ embedding }) => embedding.length)).toEqual(floats.data.map(({ embedding }) => embedding.length));
				asked.data[1]!.embedding.forEach((value, place) => expect(value).toBeCloseTo(floats.data[1]!.embedding[place]!, 4));
			});
		}

		it('throws errors of their classes', async () => {
			const { plain, failing } = models();
			const long = await failureOf(client.chat.completions.create({ model: plain, messages: [{ role: 'user', content: tooLong }] }));
			expect(long).toBeInstanceOf(BadRequestError);
			if (target().ours) expect(long).toMatchObject({ code: 'context_length_exceeded', type: 'invalid_request_error' });
			await failing?.(async () => {
				for (const stream of [false, true]) expect(await failureOf(client.chat.completions.create({ model: plain, messages, stream }))).toBeInstanceOf(InternalServerError);
			});
		});

		it('aborts: leaving a stream, and a whole answer, ends the work', async () => {
			const { endless } = models();
			for await (const chunk of await client.chat.completions.create({ model: endless, messages, stream: true })) {
				if (!chunk.choices[0]?.delta.content) continue;
				await until('working', models());
				break;
			}
			await until('idle', models());
			const controller = new AbortController();
			const answer = client.chat.completions.create({ model: endless, messages }, { signal: controller.signal }).catch((error: unknown) => error);
			await until('working', models());
			controller.abort();
			if (target().ours) expect(await answer).toBeInstanceOf(APIUserAbortError);
			else await answer; // it may have ended before
			await until('idle', models());
		});
	});

	it('throws errors of their classes for what no model answers', async () => {
		const { plain } = target().models[origins[0]!]!;
		expect(await failureOf(client.chat.completions.create({ model: 'no such model', messages }))).toBeInstanceOf(NotFoundError);
		expect(await failureOf(client.chat.completions.create({ model: plain, messages: 'no list' as never }))).toBeInstanceOf(BadRequestError);
		if (target().authenticates) expect(await failureOf(new OpenAI({ baseURL: `${target().url}/v1`, apiKey: 'wrong', maxRetries: 0 }).models.list())).toBeInstanceOf(AuthenticationError);
	});

	it('lists the models', async () => {
		expect((await client.models.list()).data.map(({ id }) => id)).toEqual(expect.arrayContaining(origins.map((origin) => target().models[origin]!.plain)));
	});
}
