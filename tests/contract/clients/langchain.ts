import { HumanMessage } from '@langchain/core/messages';
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
import { describe, expect, it } from 'vitest';
import { canEmbed, expectWords, failureOf, origins, person, question, tooLong, until, weather, type Target } from './target.ts';

const asked = [new HumanMessage(question)];
const tools = [{ type: 'function' as const, function: weather }];

export function langChain(target: () => Target): void {
	const configuration = () => ({ baseURL: `${target().url}/v1` });
	const chat = (model: string, apiKey = target().apiKey) => new ChatOpenAI({ model, apiKey, temperature: 0, maxRetries: 0, configuration: configuration() });

	describe.each(origins)('with %s', (origin) => {
		const models = () => target().models[origin]!;

		it('invokes and streams', async () => {
			expectWords(models(), (await chat(models().plain).invoke(asked)).content);
			let text = '';
			for await (const chunk of await chat(models().plain).stream(asked)) text += String(chunk.content);
			expectWords(models(), text);
		});

		it('calls tools, forced and free', async () => {
			for (const tool_choice of ['required', 'weather', 'auto'] as const) {
				const { tool_calls } = await chat(models().caller).bindTools(tools, { tool_choice }).invoke(asked);
				if (tool_choice === 'auto' && !target().ours && !tool_calls?.length) continue; // it is free not to
				expect(tool_calls![0]).toMatchObject({ name: 'weather', args: { city: expect.any(String) } });
			}
		});

		it('gets structured output that fits its schema', async () => {
			const structured = chat(models().structured).withStructuredOutput<{ age: number }>({ title: 'person', ...person }, { method: 'jsonSchema', strict: true });
			expect(await structured.invoke(asked)).toEqual({ age: expect.any(Number) });
		});

		if (canEmbed) {
			it('embeds', async () => {
				const embeddings = new OpenAIEmbeddings({ model: models().embedder!, apiKey: target().apiKey, maxRetries: 0, configuration: configuration() });
				const [one, two] = await embeddings.embedDocuments(['one text', 'another']);
				expect([one!.length > 0, one!.length]).toEqual([true, two!.length]);
			});
		}

		it('throws errors with their status', async () => {
			const { plain, failing } = models();
			expect(await failureOf(chat(plain).invoke([new HumanMessage(tooLong)]))).toMatchObject({ status: 400 });
			await failing?.(async () => expect(await failureOf(chat(plain).invoke(asked))).toMatchObject({ status: 502 }));
		});

		it('aborts: leaving a stream ends the work', async () => {
			for await (const chunk of await chat(models().endless).stream(asked)) {
				if (!chunk.content) continue;
				await until('working', models());
				break;
			}
			await until('idle', models());
		});
	});

	it('throws errors with their status for what no model answers', async () => {
		expect(await failureOf(chat('no such model').invoke(asked))).toMatchObject({ status: 404 });
		if (target().authenticates) expect(await failureOf(chat(target().models[origins[0]!]!.plain, 'wrong').invoke(asked))).toMatchObject({ status: 401 });
	});
}
