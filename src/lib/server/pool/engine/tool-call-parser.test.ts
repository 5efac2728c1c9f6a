import { describe, expect, it } from 'vitest';
import { chatTemplates } from '../../../../../tests/support/gguf/chat-templates.ts';
import { createToolCallParser, newCallId, type CallPart } from './tool-call-parser.ts';
import { toolSyntaxOf } from './tool-syntax.ts';

const hermes = toolSyntaxOf(chatTemplates.chatml);
const llama3 = toolSyntaxOf(chatTemplates.llama3);
const mistral = toolSyntaxOf('{%- if tools %}[AVAILABLE_TOOLS]{%- endif %}[TOOL_CALLS][');
const granite = toolSyntaxOf('{%- if tools %}<|start_of_role|>tools{%- endif %}<|tool_call|>[');
const commandR = toolSyntaxOf('{%- if tools %}<|START_ACTION|>[{"tool_name": "{{ name }}", "parameters": }]<|END_ACTION|>');
const mistralArgs = toolSyntaxOf('[TOOL_CALLS]{{ name }}[ARGS]');

/** Whole text and calls of an answer that came in pieces of `size` characters. */
function read(syntax: typeof hermes, answer: string, size: number) {
	const parser = createToolCallParser(syntax);
	const parts: CallPart[] = [];
	for (let i = 0; i < answer.length; i += size) parts.push(...parser.push(answer.slice(i, i + size)));
	parts.push(...parser.flush());
	const calls: { id: string; name: string; arguments: string }[] = [];
	for (const part of parts) {
		if (part.type === 'text') continue;
		const call = (calls[part.index] ??= { id: part.id, name: part.name!, arguments: '' });
		expect(part.id).toBe(call.id);
		call.arguments += part.argumentsDelta;
	}
	return { text: parts.map((part) => (part.type === 'text' ? part.text : '')).join(''), calls: calls.map(({ name, arguments: given }) => [name, given]), complete: parser.complete, ids: calls.map(({ id }) => id), deltas: parts.length };
}

describe.each([1, 2, 7, 1000])('answers in pieces of %i', (size) => {
	it.each([
		['Hermes', hermes, 'Let me look.\n<tool_call>\n{"name": "f", "arguments": {"a": "}{\\"]", "b": [{}]}}\n</tool_call>\n<tool_call>\n{"name": "say \\"x\\"", "arguments": {}}\n</tool_call>', 'Let me look.\n', [['f', '{"a": "}{\\"]", "b": [{}]}'], ['say "x"', '{}']]],
		['Hermes, at once', hermes, '\n\n<tool_call>\n{"name": "f", "arguments": {}}\n</tool_call>', '', [['f', '{}']]],
		['Llama 3', llama3, '{"name": "f", "parameters": {"a": 1}}', '', [['f', '{"a": 1}']]],
		['Mistral', mistral, '[TOOL_CALLS][{"name": "f", "arguments": {"a": 1}}, {"name": "g", "arguments": {}}]', '', [['f', '{"a": 1}'], ['g', '{}']]],
		['Granite', granite, '<|tool_call|>[{"name": "f", "arguments": {"a": 1}}, {"name": "g", "arguments": {}}]', '', [['f', '{"a": 1}'], ['g', '{}']]],
		['Command R', commandR, '<|START_ACTION|>[\n    {"tool_call_id": "0", "tool_name": "f", "parameters": {"a": [1]}}\n]', '', [['f', '{"a": [1]}']]],
		['newer Mistral', mistralArgs, 'Hm.[TOOL_CALLS]f[ARGS]{"a": 1}[TOOL_CALLS]g[ARGS]{}', 'Hm.', [['f', '{"a": 1}'], ['g', '{}']]]
	])('%s', (_, syntax, answer, text, calls) => {
		expect(read(syntax, answer, size)).toMatchObject({ text, calls, complete: calls.length });
	});

	it.each([['<tool', hermes], ['  a < b <tool_cal> c', hermes], ['Here: {"name": "f"}', llama3], ['{"nam', llama3], ['   ', hermes]])('leaves %j as text', (answer, syntax) => {
		expect(read(syntax, answer, size)).toMatchObject({ text: answer.trim() === '' ? '' : answer, calls: [] });
	});

	it('counts no call that was cut', () => {
		expect(read(hermes, '<tool_call>\n{"name": "f", "arguments": {"a": ', size)).toMatchObject({ calls: [['f', '{"a": ']], complete: 0 });
	});
});

describe('calls', () => {
	it('are streamed', () => {
		expect(read(hermes, `<tool_call>\n{"name": "f", "arguments": {"text": "${'x'.repeat(100)}"}}\n</tool_call>`, 5).deltas).toBeGreaterThan(20);
	});

	it('have ids of their own, of the shape that the template wants', () => {
		expect(new Set(Array.from({ length: 1000 }, () => newCallId())).size).toBe(1000);
		expect(newCallId()).toMatch(/^call_[a-zA-Z0-9]{24}$/);
		expect(read(mistral, '[TOOL_CALLS][{"name": "f", "arguments": {}}]', 3).ids[0]).toMatch(/^[a-zA-Z0-9]{9}$/);
	});
});

describe('toolSyntaxOf', () => {
	it('knows families by the words of their templates', () => {
		expect(hermes).toMatchObject({ trigger: '<tool_call>' });
		expect(hermes.isForeign).toBeUndefined();
		expect(llama3).toMatchObject({ isAtStart: true, between: '", "parameters": ' });
		expect(mistral).toMatchObject({ lead: '[{"name": "', idLength: 9 });
		expect(toolSyntaxOf('[TOOL_CALLS] [').lead).toBe(' [{"name": "');
		expect(mistralArgs.between).toBe('[ARGS]');
	});

	it('describes tools itself where the template has none, or a syntax that is not known', () => {
		expect(toolSyntaxOf('{{ messages }}').isForeign).toBe(true);
		expect(toolSyntaxOf('tools <tool_call><function= "arguments"').isForeign).toBe(true);
	});
});
