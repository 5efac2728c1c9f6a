/** Tools for a template that has none: described in the system message, in words that Hermes's models were trained with. Pure. */
import type { ChatMessage, ChatOptions } from '../../../contract/chat.ts';
import type { ToolSyntax } from './tool-syntax.ts';

type Tools = NonNullable<ChatOptions['tools']>;

function describe(tools: Tools): string {
	const listed = tools.map((tool) => JSON.stringify({ type: tool.type, function: tool.function })).join('\n');
	return `# Tools\n\nYou may call one or more functions to assist with the user query.\n\nYou are provided with function signatures within <tools></tools> XML tags:\n<tools>\n${listed}\n</tools>\n\nFor each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:\n<tool_call>\n{"name": <function-name>, "arguments": <args-json-object>}\n</tool_call>`;
}

/** Messages of the roles system, user and assistant alone: calls as the assistant's text, results as the user's; `tools` are described in the system message. */
export function describeTools(messages: readonly ChatMessage[], tools: Tools, syntax: ToolSyntax): ChatMessage[] {
	const called = ({ content, toolCalls = [] }: ChatMessage) => [content, ...toolCalls.map((call) => `${syntax.trigger}${syntax.lead}${call.name}${syntax.between}${call.arguments}${syntax.after}`)].filter((text) => text !== '').join('\n');
	const told: ChatMessage[] = [];
	for (const message of messages) {
		if (message.role === 'tool') {
			const content = `<tool_response>\n${message.content}\n</tool_response>`;
			const before = told.at(-1);
			if (before?.role === 'user' && before.content.endsWith('</tool_response>')) before.content += `\n${content}`;
			else told.push({ role: 'user', content });
		} else if (message.toolCalls?.length) told.push({ role: 'assistant', content: called(message), ...(message.reasoning === undefined ? {} : { reasoning: message.reasoning }) });
		else told.push({ ...message });
	}
	if (tools.length === 0) return told;
	if (told[0]?.role === 'system') told[0].content += `\n\n${describe(tools)}`;
	else told.unshift({ role: 'system', content: describe(tools) });
	return told;
}
