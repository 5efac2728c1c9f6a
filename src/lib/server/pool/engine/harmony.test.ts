import { describe, expect, it } from 'vitest';
import { createHarmonyReader, harmonyMarks } from './harmony.ts';

/** What an answer says: its text, its thoughts, and its calls; its ordinary text comes in pieces of `size` characters. */
function read(answer: string, size: number) {
	const reader = createHarmonyReader();
	const said = { text: '', reasoning: '', calls: [] as { name: string; arguments: string }[], thinksAtLast: false };
	for (const piece of answer.split(/(<\|[a-z]+\|>)/)) {
		if (harmonyMarks.has(piece)) reader.mark(piece);
		else
			for (let i = 0; i < piece.length; i += size)
				for (const part of reader.push(piece.slice(i, i + size)))
					if (part.type === 'toolCall') (said.calls[part.index] ??= { name: part.name!, arguments: '' }).arguments += part.argumentsDelta;
					else said[part.type] += part.text;
	}
	expect(reader.calls).toBe(said.calls.length);
	return { ...said, thinksAtLast: reader.isReasoning };
}

describe.each([1, 3, 1000])('harmony in pieces of %i', (size) => {
	it.each([
		['the answer alone', '<|channel|>final<|message|>Four.<|return|>', { text: 'Four.', reasoning: '', calls: [] }],
		['a thought before it', '<|channel|>analysis<|message|>Two and two.<|end|><|start|>assistant<|channel|>final<|message|>Four.<|return|>', { text: 'Four.', reasoning: 'Two and two.', calls: [] }],
		['a call after a thought', '<|channel|>analysis<|message|>Look.<|end|><|start|>assistant<|channel|>commentary to=functions.weather <|constrain|>json<|message|>{"city": "Paris"}<|call|>', { text: '', reasoning: 'Look.', calls: [{ name: 'weather', arguments: '{"city": "Paris"}' }] }],
		['a recipient before the channel', '<|channel|>analysis<|message|>Look.<|end|><|start|>assistant to=functions.weather<|channel|>commentary json<|message|>{}<|call|>', { text: '', reasoning: 'Look.', calls: [{ name: 'weather', arguments: '{}' }] }],
		['words before a call', '<|channel|>commentary<|message|>I will look.<|end|><|start|>assistant<|channel|>commentary to=functions.a<|message|>{}<|end|><|start|>assistant<|channel|>commentary to=functions.b<|message|>{"x":1}<|call|>', { text: 'I will look.', reasoning: '', calls: [{ name: 'a', arguments: '{}' }, { name: 'b', arguments: '{"x":1}' }] }],
		['no header at all', 'Four.', { text: 'Four.', reasoning: '', calls: [] }],
		['words that nothing frames', '<|channel|>final<|message|>Four.<|end|>lost<|start|>assistant<|channel|>final<|message|> Five.', { text: 'Four. Five.', reasoning: '', calls: [] }]
	])('%s', (_, answer, said) => {
		expect(read(answer, size)).toMatchObject(said);
	});

	it('takes marks that are spelled, up to the answer', () => {
		const reader = createHarmonyReader(true);
		const answer = '<|channel|>analysis<|message|>1 <| 2<|end|><|start|>assistant<|channel|>final<|message|>{"a": "<|end|>"}';
		const said = { text: '', reasoning: '' };
		for (let i = 0; i < answer.length; i += size) for (const part of reader.push(answer.slice(i, i + size))) if (part.type !== 'toolCall') said[part.type] += part.text;
		expect(said).toEqual({ text: '{"a": "<|end|>"}', reasoning: '1 <| 2' });
	});

	it('knows that it thinks', () => {
		expect(read('<|channel|>analysis<|message|>Hm', size)).toMatchObject({ reasoning: 'Hm', thinksAtLast: true });
		expect(read('<|channel|>analysis<|message|>Hm<|end|>', size).thinksAtLast).toBe(false);
	});
});
