/** The grammar of a whole answer: its thoughts, where the model has such, and then what was asked for. Pure. */
import { AppError } from '../../../errors.ts';
import type { ChatOptions } from '../../../../contract/chat.ts';
import { anyValue, jsonSchemaRule } from './json-schema-grammar.ts';
import { commonThoughtMarks, type ThoughtMarks } from '../thought-marks.ts';
import type { ToolSyntax } from '../tool-syntax.ts';
import { createRules, literal, type Rules } from './rules.ts';
import { toolCallRules } from './tool-call-rules.ts';

/** How long a text up to a word may be is not bounded; the word's first letter must not come again in it. */
function textUpTo(rules: Rules, word: string, next: string, { canEnd = false, isAtStart = false } = {}): string {
	const states = [...word].map(() => rules.reserve());
	const other = isAtStart ? rules.add('[^\\U0010FFFF]*') : states[0]!;
	for (const [i, letter] of [...word].entries()) {
		const choices = [`${literal(letter)} ${states[i + 1] ?? next}`];
		if (i === 0 && isAtStart) choices.push(`[ \\n] ${states[0]!}`);
		if (i > 0 && !isAtStart) choices.push(`${literal(word[0]!)} ${states[1] ?? next}`);
		choices.push(`[^${[...new Set([letter, ...(isAtStart ? (i === 0 ? ' \n' : '') : word[0]!)])].map(inClass).join('')}] ${other}`);
		if (canEnd) choices.push('""');
		rules.define(states[i]!, choices.join(' | '));
	}
	return states[0]!;
}

const inClass = (letter: string) => `\\x${letter.charCodeAt(0).toString(16).padStart(2, '0')}`;

const harmonyThought = '<|channel|>analysis<|message|>';

/** How the answer may begin: within a thought, with one, or without. */
export type Thoughts = 'open' | 'possible' | 'none' | 'harmony';

/** An answer that is `value`, a rule, after its thoughts. */
export function answerGrammar(rules: Rules, value: string, thoughts: Thoughts, { open, close }: ThoughtMarks = commonThoughtMarks): string {
	if (thoughts === 'none') return rules.text(value);
	if (thoughts === 'harmony') {
		const harmonyAnswer = textUpTo(rules, '<|end|>', rules.add(`${literal('<|start|>assistant')} ${value}`));
		return rules.text(`${literal(harmonyThought)} ${harmonyAnswer} | ${value}`);
	}
	const thought = textUpTo(rules, close, '[ \\n]{0,4}');
	return rules.text(thoughts === 'open' ? `${thought} ${value}` : `( ${literal(open)} ${thought} )? ${value}`);
}

/** The rule that a response format asks for. Undefined for plain text. Throws VALIDATION_ERROR or UNSUPPORTED_PARAMETER. */
function responseRule(rules: Rules, format: ChatOptions['responseFormat']): string | undefined {
	if (!format || format.type === 'text') return undefined;
	if (format.type === 'json_object') return anyValue(rules, true);
	const wrapped = format['json_schema'] as { schema?: unknown } | undefined;
	const schema = wrapped?.schema ?? format['schema'];
	if (schema === undefined || schema === null) throw new AppError('VALIDATION_ERROR', 'response_format of the type "json_schema" needs json_schema.schema');
	return jsonSchemaRule(rules, schema);
}

type Structure = Pick<ChatOptions, 'responseFormat' | 'tools' | 'toolChoice' | 'parallelToolCalls'>;

/**
 * The grammar that an answer's options ask for; undefined when it is free. `syntax`: how the model writes tool calls, given
 * when it may call any; `marks` are of its thoughts. Throws VALIDATION_ERROR or UNSUPPORTED_PARAMETER.
 */
export function grammarOf(options: Structure, syntax: ToolSyntax | undefined, thoughts: Thoughts, marks?: ThoughtMarks): string | undefined {
	const rules = createRules();
	const format = responseRule(rules, options.responseFormat);
	const response = format !== undefined && thoughts === 'harmony' ? rules.add(`${literal('<|channel|>final<|message|>')} ${format}`) : format;
	if (!syntax) return response === undefined ? undefined : answerGrammar(rules, response, thoughts, marks);
	const { toolChoice = 'auto' } = options;
	if (response !== undefined && syntax.isAtStart) throw new AppError('UNSUPPORTED_PARAMETER', 'response_format together with tools is not supported by this model: its tool calls are JSON themselves');
	const { calls, trigger } = toolCallRules(rules, options, syntax);
	if (toolChoice !== 'auto') return answerGrammar(rules, rules.add(`${thoughts === 'harmony' ? '' : '[ \\n]{0,4} '}${trigger} ${calls}`), thoughts, marks);
	if (response !== undefined) return answerGrammar(rules, rules.union([response, rules.add(`${trigger} ${calls}`)]), thoughts, marks);
	if (syntax.isHarmony) return undefined; // its messages are apart by control tokens: nothing it may say looks like a call
	return answerGrammar(rules, textUpTo(rules, syntax.trigger, calls, { canEnd: true, isAtStart: syntax.isAtStart }), thoughts, marks);
}
