/** Tool calls as grammar rules: names from the tools, arguments by their schemas. */
import { AppError } from '../../../errors.ts';
import type { ChatOptions } from '../../../../contract/chat.ts';
import type { ToolSyntax } from '../tool-syntax.ts';
import { anyValue, jsonSchemaRule } from './json-schema-grammar.ts';
import { literal, type Rules } from './rules.ts';

/** calls in one answer */
const mostCalls = 32;

type Tool = NonNullable<ChatOptions['tools']>[number];

/** The tools that may be called. Throws VALIDATION_ERROR for a named one that is not there. */
function callable({ tools = [], toolChoice }: Pick<ChatOptions, 'tools' | 'toolChoice'>): Tool[] {
	if (typeof toolChoice !== 'object') return tools;
	const named = tools.filter((tool) => tool.function.name === toolChoice.function.name);
	if (named.length === 0) throw new AppError('VALIDATION_ERROR', `tool_choice names the function ${JSON.stringify(toolChoice.function.name)}, which is not in tools`);
	return named;
}

/** A tool that is not strict gets any object where its schema is more than a grammar can express, as OpenAI's may. */
function argumentsRule(rules: Rules, { function: { parameters, ...tool } }: Tool): string {
	if (parameters === undefined) return rules.add('"{}"');
	try {
		return jsonSchemaRule(rules, { type: 'object', ...parameters });
	} catch (error) {
		if (tool['strict'] === true) throw error;
		return anyValue(rules, true);
	}
}

/** `trigger` begins the calls, `calls` are what follows it to the end of the answer. */
export function toolCallRules(rules: Rules, options: Pick<ChatOptions, 'tools' | 'toolChoice' | 'parallelToolCalls'>, syntax: ToolSyntax): { trigger: string; calls: string } {
	const { trigger, lead, between, after, next, close, callId, idLength = 9 } = syntax;
	const written = (name: string) => (between.startsWith('"') ? JSON.stringify(name).slice(1, -1) : name);
	const named = (name: string) => (callId === undefined ? literal(`${name}${between}`) : `${literal(`${name}${callId}`)} [a-zA-Z0-9]{${idLength}} ${literal(between)}`);
	const call = rules.union(callable(options).map((tool) => rules.add(`${named(written(tool.function.name))} ${argumentsRule(rules, tool)} ${literal(after)}`)));
	const further = next === undefined || options.parallelToolCalls === false ? '' : `( ${literal(next)} ${call} ){0,${mostCalls - 1}}`;
	return { trigger: literal(trigger), calls: rules.add(`${literal(lead)} ${call} ${further} ${literal(close)}`) };
}
