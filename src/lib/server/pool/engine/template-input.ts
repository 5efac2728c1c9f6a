/** What a chat template is given: messages and tools in the shape that templates are written for (Hugging Face's), and what a template lacks made up for. */
import { createHash } from 'node:crypto';
import type { ChatMessage, ChatOptions } from '../../../contract/chat.ts';
import { AppError } from '../../errors.ts';
import type { Template } from './template.ts';
import { describeTools } from './tool-prompt.ts';
import type { ToolSyntax } from './tool-syntax.ts';

type Tools = NonNullable<ChatOptions['tools']>;
type Caller = (text: string) => string;

/** Every string in a JSON value, keys included, through `change`. */
function mapStrings(value: unknown, change: Caller): unknown {
	if (typeof value === 'string') return change(value);
	if (Array.isArray(value)) return value.map((item) => mapStrings(item, change));
	if (value === null || typeof value !== 'object') return value;
	return Object.fromEntries(Object.entries(value).map(([key, item]) => [change(key), mapStrings(item, change)]));
}

/** Arguments as the object that templates expect; as the text they are when they aren't JSON. */
function parsedArguments(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}

/** A call's id as a template takes it: Mistral's insist on nine letters or digits, and clients may bring another server's. */
function templateId(id: string, length: number | undefined): string {
	if (length === undefined || new RegExp(`^[a-zA-Z0-9]{${length}}$`).test(id)) return id;
	return createHash('sha256').update(id).digest('hex').slice(0, length);
}

/** The names of the tools that results belong to: templates may want them, requests needn't have them. */
function withNames(messages: readonly ChatMessage[]): ChatMessage[] {
	const names = new Map(messages.flatMap(({ toolCalls = [] }) => toolCalls.map((call) => [call.id, call.name])));
	return messages.map((message) => {
		const name = message.role === 'tool' ? names.get(message.toolCallId ?? '') : undefined;
		return name === undefined || message.name !== undefined ? message : { ...message, name };
	});
}

/** `role` and member names are ours, the rest the caller's. */
function templateMessage(message: ChatMessage, idLength: number | undefined, caller: (value: unknown) => unknown): Record<string, unknown> {
	return {
		role: message.role,
		content: caller(message.content),
		...(message.name === undefined ? {} : { name: caller(message.name) }),
		// gpt-oss's template calls it thinking, and takes it with a call alone
		...(message.reasoning === undefined ? {} : { reasoning_content: caller(message.reasoning), ...(message.toolCalls?.length && message.content === '' ? { thinking: caller(message.reasoning) } : {}) }),
		...(message.toolCallId === undefined ? {} : { tool_call_id: caller(templateId(message.toolCallId, idLength)) }),
		...(message.toolCalls === undefined
			? {}
			: { tool_calls: message.toolCalls.map((call) => ({ type: 'function', id: caller(templateId(call.id, idLength)), function: { name: caller(call.name), arguments: caller(parsedArguments(call.arguments)) } })) })
	};
}

/** Whether a template refuses system messages (Gemma 2), or drops them in silence. */
function lacksSystem(template: Template): boolean {
	const shows = (roles: string[]): boolean => {
		try {
			return template.render({ messages: roles.map((role) => ({ role, content: `said by ${role}` })), tools: null, documents: null, add_generation_prompt: true, bos_token: '', eos_token: '' }).includes(`said by ${roles[0]!}`);
		} catch (refusal) {
			if (refusal instanceof AppError && refusal.code === 'VALIDATION_ERROR') return false;
			throw refusal;
		}
	};
	try {
		return !shows(['system', 'user']) && shows(['user']);
	} catch {
		return false; // it is broken, as its first prompt will tell
	}
}

/** The system's words at the head of the user's first ones. */
function foldSystem(messages: readonly ChatMessage[]): ChatMessage[] {
	const system = messages.filter(({ role }) => role === 'system').map(({ content }) => content).join('\n\n');
	const turns = messages.filter(({ role }) => role !== 'system');
	if (system === '') return turns;
	const [first, ...rest] = turns;
	return first?.role === 'user' ? [{ ...first, content: `${system}\n\n${first.content}` }, ...rest] : [{ role: 'user', content: system }, ...turns];
}

/** Variables of the template's own that a caller sets (vLLM's and llama-server's `chat_template_kwargs`), as `enable_thinking`. */
const ownVariables = (further: ChatOptions['further']): object => {
	const given = further?.['chat_template_kwargs'];
	return typeof given === 'object' && given !== null && !Array.isArray(given) ? given : {};
};

/** gpt-oss's template cannot be rendered for a tool without a description. */
const withDescription = (tool: Tools[number]): Tools[number] => ({ ...tool, function: { description: '', ...tool.function } });

/** Makes the variables of a prompt, without the begin and end tokens. `caller` changes what callers wrote, wherever it stands. */
export function createTemplateInput(template: Template, syntax: ToolSyntax) {
	let foldsSystem: boolean | undefined;
	return (messages: readonly ChatMessage[], tools: Tools, { reasoningEffort, further }: Pick<ChatOptions, 'reasoningEffort' | 'further'>, caller: Caller): Record<string, unknown> => {
		const described = syntax.isForeign ? describeTools(messages, tools, syntax) : withNames(messages);
		const hasSystem = described.some(({ role }) => role === 'system');
		const told = hasSystem && (foldsSystem ??= lacksSystem(template)) ? foldSystem(described) : described;
		return {
			...(mapStrings(ownVariables(further), caller) as Record<string, unknown>),
			messages: told.map((message) => templateMessage(message, syntax.idLength, (value) => mapStrings(value, caller))),
			// as Hugging Face's apply_chat_template passes them
			tools: syntax.isForeign || tools.length === 0 ? null : mapStrings(syntax.isHarmony ? tools.map(withDescription) : tools, caller),
			documents: null,
			add_generation_prompt: true,
			...(reasoningEffort === undefined ? {} : { reasoning_effort: reasoningEffort, enable_thinking: reasoningEffort !== 'none' })
		};
	};
}
