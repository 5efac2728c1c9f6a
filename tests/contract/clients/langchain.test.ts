import { HumanMessage } from '@langchain/core/messages';
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
import { describe, expect, it } from 'vitest';
import { idle, person, question, useTarget, weather } from './target.ts';

const target = useTarget();
const chat = (model: string, apiKey = target().apiKey) => new ChatOpenAI({ model, apiKey, temperature: 0, maxRetries: 0, configuration: { baseURL: `${target().url}/v1` } });
const asked = [new HumanMessage(question)];

describe('@langchain/openai', () => {
	it('invokes and streams, with a local model and an upstream’s', async () => {
		const { model, upstream, words } = target();
		for (const [name, said] of [[model, words], [upstream, undefined]] as const) {
			if (!name) continue;
			const whole = await chat(name).invoke(asked);
			if (said) expect(whole.content).toBe(said);
			let text = '';
			for await (const chunk of await chat(name).stream(asked)) text += String(chunk.content);
			expect(text).toBe(whole.content);
		}
	});

	it('calls tools, free and forced', async () => {
		const tools = [{ type: 'function' as const, function: weather }];
		for (const tool_choice of ['auto', 'weather'] as const) {
			const { tool_calls } = await chat(target().caller).bindTools(tools, { tool_choice }).invoke(asked);
			expect(tool_calls![0]).toMatchObject({ name: 'weather', args: { city: expect.any(String) } });
		}
	});

	it('gets structured output that fits its schema', async () => {
		const structured = chat(target().endless).withStructuredOutput<{ age: number }>({ title: 'person', ...person }, { method: 'jsonSchema', strict: true });
		expect(await structured.invoke(asked)).toEqual({ age: expect.any(Number) });
	});

	it('embeds', async () => {
		const embeddings = new OpenAIEmbeddings({ model: target().embedder, apiKey: target().apiKey, maxRetries: 0, configuration: { baseURL: `${target().url}/v1` } });
		const [one, two] = await embeddings.embedDocuments(['one text', 'another']);
		expect(one!.length).toBe(two!.length);
	});

	it('throws errors with their status', async () => {
		const failed = (promise: PromiseLike<unknown>) => promise.then(() => undefined, (error: unknown) => error);
		expect(await failed(chat('no such model').invoke(asked))).toMatchObject({ status: 404 });
		expect(await failed(chat(target().model, 'wrong').invoke(asked))).toMatchObject({ status: 401 });
	});

	it('aborts: leaving a stream ends the work', async () => {
		for await (const chunk of await chat(target().endless).stream(asked)) if (chunk.content) break;
		await idle(target());
	});
});
