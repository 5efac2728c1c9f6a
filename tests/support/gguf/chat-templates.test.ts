import { Template } from '@huggingface/jinja';
import { describe, expect, it } from 'vitest';
import { brokenTemplates, chatTemplates } from './chat-templates.ts';

const messages = [
	{ role: 'system', content: 'Be brief.' },
	{ role: 'user', content: 'Weather?' },
	{ role: 'assistant', content: null, tool_calls: [{ id: '1', type: 'function', function: { name: 'weather', arguments: { city: 'Rome' } } }] },
	{ role: 'tool', content: 'sunny' },
	{ role: 'user', content: 'Thanks' }
];
const tools = [{ type: 'function', function: { name: 'weather' } }];
const render = (template: string, more: Record<string, unknown> = {}) =>
	new Template(template).render({ messages, add_generation_prompt: true, bos_token: '<|begin_of_text|>', ...more });

describe('chatTemplates', () => {
	it('renders ChatML', () => {
		expect(render(chatTemplates.chatml)).toBe(
			'<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nWeather?<|im_end|>\n' +
				'<|im_start|>assistant\n<tool_call>\n{"name": "weather", "arguments": {"city": "Rome"}}\n</tool_call><|im_end|>\n' +
				'<|im_start|>user\n<tool_response>\nsunny\n</tool_response><|im_end|>\n<|im_start|>user\nThanks<|im_end|>\n<|im_start|>assistant\n'
		);
	});

	it('renders Llama 3', () => {
		const header = (role: string) => `<|start_header_id|>${role}<|end_header_id|>\n\n`;
		expect(render(chatTemplates.llama3)).toBe(
			`<|begin_of_text|>${header('system')}Cutting Knowledge Date: December 2023\n\nBe brief.<|eot_id|>${header('user')}Weather?<|eot_id|>` +
				`${header('assistant')}{"name": "weather", "parameters": {"city": "Rome"}}<|eot_id|>${header('ipython')}sunny<|eot_id|>` +
				`${header('user')}Thanks<|eot_id|>${header('assistant')}`
		);
	});

	it.each(['chatml', 'llama3'] as const)('offers tools in %s', (name) => {
		expect(render(chatTemplates[name], { tools })).toContain('{"type": "function", "function": {"name": "weather"}}');
	});

	it('closes an empty thought when thinking is off', () => {
		expect(render(chatTemplates['chatml-thinking'], { enable_thinking: false })).toMatch(/assistant\n<think>\n\n<\/think>\n\n$/);
		expect(render(chatTemplates['chatml-thinking'])).toMatch(/assistant\n$/);
	});
});

describe('brokenTemplates', () => {
	it('fails when rendering', () => {
		expect(() => render(brokenTemplates.syntax)).toThrow('Parser Error');
		expect(() => render(brokenTemplates.refusing)).toThrow('takes no conversation');
	});

	it.each(['endless', 'greedy', 'huge'] as const)('parses the %s one, whose rendering must be bounded', (name) => {
		expect(new Template(brokenTemplates[name]).parsed.body.length).toBe(1);
	});
});
