/** The grammar of a whole answer: its thoughts, where the model has such, and then what was asked for. Pure. */
import { AppError } from '../../../errors.ts';
import type { ChatOptions } from '../../../../contract/chat.ts';
import { anyValue, jsonSchemaRule } from './json-schema-grammar.ts';
import { createRules, literal, type Rules } from './rules.ts';

const close = '</think>';

/** Text up to the first `</think>`, that with it, and white space. */
function thoughtRule(rules: Rules): string {
	const states = [...close].map(() => rules.reserve());
	for (const [i, letter] of [...close].entries()) {
		const next = states[i + 1] ?? '[ \\n]{0,4}';
		rules.define(states[i]!, [`${literal(letter)} ${next}`, ...(i === 0 ? [] : [`"<" ${states[1]!}`]), `[^<${letter === '<' ? '' : letter}] ${states[0]!}`].join(' | '));
	}
	return states[0]!;
}

/** How the answer may begin: within a thought, with one, or without. */
export type Thoughts = 'open' | 'possible' | 'none';

/** An answer that is `value`, a rule, after its thoughts. */
export function answerGrammar(rules: Rules, value: string, thoughts: Thoughts): string {
	if (thoughts === 'none') return rules.text(value);
	const thought = thoughtRule(rules);
	return rules.text(thoughts === 'open' ? `${thought} ${value}` : `( "<think>" ${thought} )? ${value}`);
}

/** The grammar that a response format asks for. Undefined for plain text. Throws VALIDATION_ERROR or UNSUPPORTED_PARAMETER. */
export function responseGrammar(format: ChatOptions['responseFormat'], thoughts: Thoughts): string | undefined {
	if (!format || format.type === 'text') return undefined;
	const rules = createRules();
	if (format.type === 'json_object') return answerGrammar(rules, anyValue(rules, true), thoughts);
	const wrapped = format['json_schema'] as { schema?: unknown } | undefined;
	const schema = wrapped?.schema ?? format['schema'];
	if (schema === undefined || schema === null) throw new AppError('VALIDATION_ERROR', 'response_format of the type "json_schema" needs json_schema.schema');
	return answerGrammar(rules, jsonSchemaRule(rules, schema), thoughts);
}
