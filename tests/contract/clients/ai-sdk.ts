import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { APICallError, embedMany, generateText, jsonSchema, Output, streamText, tool } from 'ai';
import { describe, expect, it } from 'vitest';
import { canEmbed, expectWords, failureOf, origins, person, question, tooLong, until, weather, type Target } from './target.ts';

const tools = { weather: tool({ description: weather.description, inputSchema: jsonSchema<{ city: string }>(weather.parameters) }) };
const plainly = { prompt: question, temperature: 0, maxRetries: 0 };

export function aiSdk(target: () => Target): void {
	const provider = (apiKey = target().apiKey) => createOpenAICompatible({ name: 'here', baseURL: `${target().url}/v1`, apiKey, includeUsage: true, supportsStructuredOutputs: true });
	const statusOf = async (promise: PromiseLike<unknown>) => {
		const error = await failureOf(promise);
		return APICallError.isInstance(error) ? error.statusCode : error;
	};

	describe.each(origins)('with %s', (origin) => {
		const models = () => target().models[origin]!;

		it('generates text, whole and streamed', async () => {
			const whole = await generateText({ model: provider()(models().plain), ...plainly });
			expectWords(models(), whole.text);
			const streamed = streamText({ model: provider()(models().plain), ...plainly });
			let text = '';
			for await (const piece of streamed.textStream) text += piece;
			expectWords(models(), text);
			const usage = await streamed.usage;
			expect(usage.outputTokens).toBeGreaterThan(0);
			if (models().words !== undefined) expect(usage.outputTokens).toBe(whole.usage.outputTokens);
		});

		it('calls tools, forced and free, whole and streamed', async () => {
			for (const toolChoice of ['required', { type: 'tool', toolName: 'weather' }, 'auto'] as const) {
				const { toolCalls, finishReason } = await generateText({ model: provider()(models().caller), ...plainly, tools, toolChoice });
				if (toolChoice === 'auto' && !target().ours && toolCalls.length === 0) continue; // it is free not to
				expect(finishReason).toBe('tool-calls');
				expect(toolCalls[0]).toMatchObject({ toolName: 'weather', input: { city: expect.any(String) } });
			}
			const streamed = streamText({ model: provider()(models().caller), ...plainly, tools, toolChoice: 'required' });
			expect((await streamed.toolCalls)[0]).toMatchObject({ toolName: 'weather', input: { city: expect.any(String) } });
		});

		it('gets structured output that fits its schema', async () => {
			const { output } = await generateText({ model: provider()(models().structured), prompt: question, maxRetries: 0, output: Output.object({ schema: jsonSchema<{ age: number }>(person) }) });
			expect(output).toEqual({ age: expect.any(Number) });
		});

		if (canEmbed) {
			it('embeds', async () => {
				const { embeddings } = await embedMany({ model: provider().textEmbeddingModel(models().embedder!), values: ['one text', 'another'], maxRetries: 0 });
				expect([embeddings.length, embeddings[0]!.length > 0, embeddings[0]!.length]).toEqual([2, true, embeddings[1]!.length]);
			});
		}

		it('throws errors with their status', async () => {
			const { plain, failing } = models();
			expect(await statusOf(generateText({ model: provider()(plain), prompt: tooLong, maxRetries: 0 }))).toBe(400);
			await failing?.(async () => expect(await statusOf(generateText({ model: provider()(plain), ...plainly }))).toBe(502));
		});

		it('aborts: leaving a stream ends the work', async () => {
			const controller = new AbortController();
			const streamed = streamText({ model: provider()(models().endless), prompt: question, abortSignal: controller.signal, maxRetries: 0 });
			for await (const piece of streamed.textStream) {
				if (!piece || controller.signal.aborted) continue;
				await until('working', models());
				controller.abort();
			}
			await until('idle', models());
		});
	});

	it('throws errors with their status for what no model answers', async () => {
		expect(await statusOf(generateText({ model: provider()('no such model'), ...plainly }))).toBe(404);
		if (target().authenticates) expect(await statusOf(generateText({ model: provider('wrong')(target().models[origins[0]!]!.plain), ...plainly }))).toBe(401);
	});
}
