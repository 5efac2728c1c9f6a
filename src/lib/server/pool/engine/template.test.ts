import { describe, expect, it } from 'vitest';
import { brokenTemplates, chatTemplates } from '../../../../../tests/support/gguf/chat-templates.ts';
import { createTemplate, defaultTemplate } from './template.ts';

const messages = [
	{ role: 'system', content: 'Be brief.' },
	{ role: 'user', content: 'Hi' }
];
const render = (source: string, variables: Record<string, unknown> = {}) => createTemplate(source, { timeoutMs: 300 }).render({ messages, add_generation_prompt: true, bos_token: '<s>', eos_token: '</s>', ...variables });
const failureOf = (source: string): { code: string; message: string } => {
	try {
		render(source);
	} catch (thrown) {
		return thrown as { code: string; message: string };
	}
	throw new Error('It was rendered');
};

describe('createTemplate', () => {
	it('renders ChatML as the files carry it, and as the default', () => {
		const expected = '<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n';
		expect(render(chatTemplates.chatml)).toBe(expected);
		expect(render(defaultTemplate)).toBe(expected);
	});

	it('renders Llama 3 with its begin token', () => {
		expect(render(chatTemplates.llama3)).toBe(
			'<s><|start_header_id|>system<|end_header_id|>\n\nCutting Knowledge Date: December 2023\n\nBe brief.<|eot_id|>' +
				'<|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n'
		);
	});

	it('offers range, strftime_now and the constants', () => {
		expect(render('{%- for i in range(3) %}{{ i }}{%- endfor %}{{ True }}{{ none is none }}')).toBe('012truetrue');
		expect(render("{{ strftime_now('%Y') }}")).toMatch(/^20\d\d$/);
	});

	it('finds nothing in a list or an object, as Jinja does, unless it is there', () => {
		expect(render("{{ nothing in ['a'] }}{{ nothing not in ['a'] }}{{ messages[0].type in {'a': 1} }}{{ none in ['a'] }}{{ none in [none] }}{{ none not in [none] }}")).toBe('falsetruefalsefalsetruefalse');
		expect(render("{%- set seen = namespace(times=0) %}{%- macro once() %}{%- set seen.times = seen.times + 1 %}x{%- endmacro %}{{ once() in ['x'] }}{{ 'b' in 'abc' }}{{ 'role' in messages[0] }}{{ 'x' not in ['x'] }}{{ seen.times }}")).toBe('truetruetruefalse1');
		expect(failureOf("{{ nothing in 'text' }}").message).toContain('undefined');
	});

	it('passes on what the template says to the caller', () => {
		expect(failureOf(brokenTemplates.refusing)).toMatchObject({ code: 'VALIDATION_ERROR', message: "The model's chat template refuses these messages: this template takes no conversation" });
	});

	for (const name of ['syntax', 'endless', 'greedy', 'huge'] as const) {
		it(`gives up on a template that is ${name}`, () => {
			expect(failureOf(brokenTemplates[name])).toMatchObject({ code: 'MODEL_LOAD_ERROR', message: expect.stringContaining('chat template') as string });
		});
	}

	const hostile = {
		'a string that doubles': "{%- set ns = namespace(t='aaaaaaaa') %}{%- for i in range(60) %}{%- set ns.t = ns.t ~ ns.t %}{%- endfor %}{{ ns.t }}",
		'a list that doubles': '{%- set ns = namespace(t=[1, 2]) %}{%- for i in range(60) %}{%- set ns.t = ns.t + ns.t %}{%- endfor %}{{ ns.t | length }}',
		'one built-in call without end': '{%- set ns = namespace(t=[1]) %}{%- for i in range(60) %}{%- set ns.t = [ns.t, ns.t] %}{%- endfor %}{{ ns.t | tojson }}',
		'a macro that calls itself': '{%- macro again() %}{{ again() }}{%- endmacro %}{{ again() }}',
		'a step of 0': '{%- for i in range(0, 10, 0) %}{%- endfor %}',
		'an indent of gigabytes': '{{ messages | tojson(indent=1000000000) }}',
		'a thing that holds itself': '{%- set ns = namespace() %}{%- set ns.x = ns %}{{ ns | tojson }}',
		'another file': "{%- include '../../../../etc/passwd' %}",
		'statements nested deep': '{% if 1 %}'.repeat(20_000) + '{% endif %}'.repeat(20_000),
		'filters without end': `{{ 1${' | string'.repeat(20_000)} }}`,
		'what looks like JavaScript': "{{ messages.__proto__.constructor.constructor('return process')() }}",
		'deep nesting': `${'('.repeat(50_000)}1${')'.repeat(50_000)}`.replace(/^/, '{{ ').concat(' }}')
	};
	for (const [name, source] of Object.entries(hostile)) {
		it(`survives ${name}`, () => {
			expect(failureOf(source).code).toBe('MODEL_LOAD_ERROR');
		});
	}

	it('goes on rendering after one that was interrupted', () => {
		failureOf(brokenTemplates.endless);
		expect(render('{{ messages[1].content }}')).toBe('Hi');
	});

	it('reaches nothing of JavaScript', () => {
		expect(render("{{ messages.constructor }}|{{ messages['__proto__'] }}|{{ ''.constructor }}")).toBe('||');
	});
});
