import { describe, expect, it } from 'vitest';
import { chunkDecoder } from './decode-chunks.ts';
import { readNativeList, readOlderNativeList, readOpenAiList } from './model-lists.ts';

const nonsense: unknown[] = [null, undefined, 1, 'x', [], {}, { data: {} }, { models: 'x' }, { data: [null, 1, 'x', []] }, { error: 'Unexpected endpoint or method. (GET /x)' }];

describe('lists of models, whoever wrote them', () => {
	it.each(nonsense)('%j is no list or an empty one', (body) => {
		for (const read of [readNativeList, readOlderNativeList, readOpenAiList]) expect(read(body) ?? []).toEqual([]);
	});

	it('leave out names that are none, and twice the same', () => {
		const ids = ['good', 'good', '', ' ', 7, null, 'a\r\nX-Injected: 1', 'b\u0000', 'x'.repeat(301)];
		expect(readOpenAiList({ data: ids.map((id) => ({ id })) })?.map(({ id }) => id)).toEqual(['good']);
	});

	it('believe in 2,000 models at most and in sensible numbers only', () => {
		const data = Array.from({ length: 5000 }, (_, index) => ({ id: `m${index}`, created: -1, max_model_len: Infinity, meta: { n_ctx: 'many', size: NaN } }));
		const models = readOpenAiList({ data })!;
		expect(models).toHaveLength(2000);
		expect(models[0]).toMatchObject({ created: null, contextLength: null, sizeBytes: null });
	});
});

describe('chunks of an answer, whoever wrote them', () => {
	it.each([...nonsense, { choices: null }, { choices: [null, 3, {}] }, { choices: [{ delta: null }] }, { choices: [{ delta: { content: 5, tool_calls: 'x' } }] }])('%j says nothing', (chunk) => {
		const decoder = chunkDecoder();
		expect(decoder.read(chunk)).toEqual([]);
		expect(decoder.finishes().size).toBe(0);
	});

	it('give tool calls an id and a place when the server forgot them, and arguments as text', () => {
		const { read } = chunkDecoder();
		expect(read({ choices: [{ delta: { tool_calls: [{ function: { name: 'f', arguments: { a: 1 } } }] } }] })).toEqual([{ type: 'toolCall', index: 0, id: 'call_0_0', name: 'f', argumentsDelta: '{"a":1}' }]);
		expect(read({ choices: [{ delta: { tool_calls: [{ index: 99_999_999, id: 12 }] } }] })).toEqual([{ type: 'toolCall', index: 0, id: 'call_0_0', argumentsDelta: '' }]);
	});

	it('end with tool_calls when they called tools, whatever they say; length stays length', () => {
		for (const [said, meant] of [['stop', 'tool_calls'], ['length', 'length'], ['whatever', 'tool_calls']] as const) {
			const decoder = chunkDecoder();
			decoder.read({ choices: [{ delta: { tool_calls: [{ index: 0, id: 'a', function: { name: 'f', arguments: '' } }] } }] });
			decoder.read({ choices: [{ delta: {}, finish_reason: said }] });
			expect(decoder.finishes().get(0)).toBe(meant);
		}
	});

	it('count what can be counted', () => {
		const decoder = chunkDecoder();
		decoder.read({ choices: [], usage: { prompt_tokens: -5, completion_tokens: 1e400, prompt_tokens_details: 'x', completion_tokens_details: { reasoning_tokens: 2.9 } } });
		expect(decoder.usage()).toEqual({ promptTokens: 0, completionTokens: 0, cachedTokens: 0, reasoningTokens: 2 });
	});
});
