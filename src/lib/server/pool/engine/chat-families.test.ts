/** The prompts of model families' templates, against what Jinja itself makes of them: see scripts/reference-prompts.py. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { chatRequestSchema, type ChatRequestInput } from '#lib/contract/chat.ts';
import { createTemplateInput } from './template-input.ts';
import { createTemplate } from './template.ts';
import { toolSyntaxOf } from './tool-syntax.ts';

const folder = join(import.meta.dirname, '../../../../../tests/support/chat-families');
const read = (name: string) => readFileSync(join(folder, name), 'utf8');
type Conversation = Pick<ChatRequestInput, 'messages' | 'reasoning_effort'> & { tools?: true; chat_template_kwargs?: object };
const conversations = JSON.parse(read('conversations.json')) as Record<string, Conversation>;
const tools = JSON.parse(read('tools.json')) as NonNullable<ChatRequestInput['tools']>;
const prompts = JSON.parse(read('prompts.json')) as Record<string, Record<string, string>>;

/** The prompt of a request as it comes. */
function promptOf(source: string, { tools: wantsTools, ...conversation }: Conversation): string {
	const { messages, options } = chatRequestSchema.parse({ ...conversation, ...(wantsTools ? { tools } : {}) });
	const template = createTemplate(source);
	const inputOf = createTemplateInput(template, toolSyntaxOf(source));
	return template.render({ ...inputOf(messages, options.tools ?? [], options, (text) => text), bos_token: '<s>', eos_token: '</s>' });
}

// the day on which the prompts were recorded, which some templates tell the model
beforeAll(() => void vi.useFakeTimers({ toFake: ['Date'], now: new Date(2026, 0, 2, 12) }));
afterAll(() => void vi.useRealTimers());

it('has a prompt of each template', () => {
	expect(Object.keys(prompts).sort()).toEqual(readdirSync(folder).filter((name) => name.endsWith('.jinja')).map((name) => name.replace('.jinja', '')).sort());
	expect(Object.keys(prompts).length).toBeGreaterThanOrEqual(8);
});

describe.each(Object.keys(prompts))('%s', (family) => {
	const source = read(`${family}.jinja`);

	it.each(Object.keys(prompts[family]!))('%s', (name) => {
		expect(promptOf(source, conversations[name]!)).toBe(prompts[family]![name]);
	});
});

it('gives a template the variables that a caller sets for it, and none of ours', () => {
	const [qwen, messages] = [read('qwen3.jinja'), conversations['no thinking']!.messages];
	expect(promptOf(qwen, { messages, chat_template_kwargs: { enable_thinking: false } })).toBe(prompts['qwen3']!['no thinking']);
	expect(promptOf(qwen, { messages, chat_template_kwargs: { messages: [], add_generation_prompt: false, bos_token: 'x', range: 1, raise_exception: 1 } })).toBe(prompts['qwen3']!['no system']);
});

describe('what a template does not take', () => {
	const gemma = read('gemma-2.jinja');
	it('a system message goes into the first turn, wherever it stood', () => {
		expect(promptOf(gemma, { messages: [{ role: 'user', content: 'Hi' }, { role: 'developer', content: 'Be brief.' }] })).toBe('<s><start_of_turn>user\nBe brief.\n\nHi<end_of_turn>\n<start_of_turn>model\n');
		expect(promptOf(gemma, { messages: [{ role: 'system', content: 'Be brief.' }] })).toBe('<s><start_of_turn>user\nBe brief.<end_of_turn>\n<start_of_turn>model\n');
	});

	it('is refused in the template’s own words', () => {
		expect(() => promptOf(gemma, { messages: [{ role: 'user', content: 'a' }, { role: 'user', content: 'b' }] })).toThrow(expect.objectContaining({ code: 'VALIDATION_ERROR', message: expect.stringContaining('must take turns') as string }));
	});
});
