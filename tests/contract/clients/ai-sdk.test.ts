import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { APICallError, embedMany, generateText, jsonSchema, Output, streamText, tool } from 'ai';
import { describe, expect, it } from 'vitest';
import { idle, person, question, useTarget, weather } from './target.ts';

const target = useTarget();
const provider = (apiKey = target().apiKey) => createOpenAICompatible({ name: 'here', baseURL: `${target().url}/v1`, apiKey, includeUsage: true, supportsStructuredOutputs: true });
const tools = { weather: tool({ description: weather.description, inputSchema: jsonSchema<{ city: string }>(weather.parameters) }) };

describe('ai with @ai-sdk/openai-compatible', () => {
	it('generates text, whole and streamed, with a local model and an upstream’s', async () => {
		const { model, upstream, words } = target();
		for (const [name, said] of [[model, words], [upstream, undefined]] as const) {
			if (!name) continue;
			const whole = await generateText({ model: provider()(name), prompt: question, temperature: 0, maxRetries: 0 });
			if (said) expect(whole.text).toBe(said);
			const streamed = streamText({ model: provider()(name), prompt: question, temperature: 0, maxRetries: 0 });
			let text = '';
			for await (const piece of streamed.textStream) text += piece;
			expect(text).toBe(whole.text);
			expect((await streamed.usage).outputTokens).toBe(whole.usage.outputTokens);
		}
	});

	it('calls tools, free and forced', async () => {
		for (const toolChoice of ['auto', 'required'] as const) {
			const { toolCalls, finishReason } = await generateText({ model: provider()(target().caller), prompt: question, tools, toolChoice, temperature: 0, maxRetries: 0 });
			expect(finishReason).toBe('tool-calls');
			expect(toolCalls[0]).toMatchObject({ toolName: 'weather', input: { city: expect.any(String) } });
		}
	});

	it('gets structured output that fits its schema', async () => {
		const { output } = await generateText({ model: provider()(target().endless), prompt: question, maxRetries: 0, output: Output.object({ schema: jsonSchema<{ age: number }>(person) }) });
		expect(output).toEqual({ age: expect.any(Number) });
	});

	it('embeds', async () => {
		const { embeddings } = await embedMany({ model: provider().textEmbeddingModel(target().embedder), values: ['one text', 'another'], maxRetries: 0 });
		expect(embeddings[0]!.length).toBe(embeddings[1]!.length);
	});

	it('throws errors with their status', async () => {
		const failed = (promise: PromiseLike<unknown>) => promise.then(() => undefined, (error: unknown) => error);
		const unknown = await failed(generateText({ model: provider()('no such model'), prompt: question, maxRetries: 0 }));
		expect([APICallError.isInstance(unknown), (unknown as APICallError).statusCode]).toEqual([true, 404]);
		const stranger = await failed(generateText({ model: provider('wrong')(target().model), prompt: question, maxRetries: 0 }));
		expect((stranger as APICallError).statusCode).toBe(401);
	});

	it('aborts: leaving a stream ends the work', async () => {
		const controller = new AbortController();
		const streamed = streamText({ model: provider()(target().endless), prompt: question, abortSignal: controller.signal, maxRetries: 0 });
		for await (const piece of streamed.textStream) if (piece) controller.abort();
		await idle(target());
	});
});
