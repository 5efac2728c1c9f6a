/**
 * From messages to tokens: the template's own parts with special tokens, what callers wrote without. A control token's text
 * inside a message (`<|im_end|>`) is broken up by a marker before rendering, so that it cannot end a turn, and the rest of the
 * message stays as the template's string functions expect it; the marker is taken out again after the special tokens are found.
 * All other text is tokenised in one piece with the template, as the model was trained.
 */
import { createHash } from 'node:crypto';
import type { LlamaModel } from 'node-llama-cpp';
import type { ChatMessage } from '../../../contract/chat.ts';
import { AppError } from '../../errors.ts';
import type { NativeModel } from './native.ts';
import type { GenerateRequest } from './protocol.ts';
import { createSpecialTokens } from './special-tokens.ts';
import { createTemplate, defaultTemplate } from './template.ts';
import { describeTools } from './tool-prompt.ts';
import { toolSyntaxOf, type ToolSyntax } from './tool-syntax.ts';

export type Prompt = {
	tokens: number[];
	/** the rendered prompt ends inside an opened `<think>` */
	startsReasoning: boolean;
	/** how the model is to write tool calls, when it may call any */
	toolSyntax?: ToolSyntax;
};

export type PromptSource = Pick<GenerateRequest, 'messages' | 'prompt' | 'task' | 'options'>;

/** llama.cpp's token attributes of which the tokenizer makes special tokens: unknown, control. */
const specialAttributes = (1 << 0) | (1 << 3);

/** Every string in a JSON value, keys included, through `change`. */
function mapStrings(value: unknown, change: (text: string) => string): unknown {
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

/** A message in the shape that chat templates are written for (Hugging Face's). `role` and member names are ours, the rest the caller's. */
function templateMessage(message: ChatMessage, idLength: number | undefined, caller: (value: unknown) => unknown): Record<string, unknown> {
	return {
		role: message.role,
		content: caller(message.content),
		...(message.name === undefined ? {} : { name: caller(message.name) }),
		...(message.reasoning === undefined ? {} : { reasoning_content: caller(message.reasoning) }),
		...(message.toolCallId === undefined ? {} : { tool_call_id: caller(templateId(message.toolCallId, idLength)) }),
		...(message.toolCalls === undefined
			? {}
			: { tool_calls: message.toolCalls.map((call) => ({ type: 'function', id: caller(templateId(call.id, idLength)), function: { name: caller(call.name), arguments: caller(parsedArguments(call.arguments)) } })) })
	};
}

/** A private-use character that occurs nowhere in the request. */
function unusedMarker(text: string): string {
	for (let code = 0xe000; code < 0xf900; code++) if (!text.includes(String.fromCharCode(code))) return String.fromCharCode(code);
	throw new Error('The messages use every private-use character');
}

export type PromptBuilder = (request: PromptSource) => Prompt;

/** `vocabularySize`: tokens in the model's vocabulary. The builder throws what {@link createTemplate} throws. */
export function createPromptBuilder(model: LlamaModel, native: NativeModel, vocabularySize: number, templateText: string | undefined): PromptBuilder {
	const template = createTemplate(templateText ?? defaultTemplate);
	const syntax = toolSyntaxOf(templateText ?? defaultTemplate);
	const texts: string[] = [];
	for (let token = 0; token < vocabularySize; token++) {
		if ((native.getTokenAttributes(token) & specialAttributes) !== 0) texts.push(native.getTokenString(token));
	}
	const special = createSpecialTokens(texts);
	const { bos, bosString, eosString, shouldPrependBosToken } = model.tokens;

	/** Special tokens of `text` become tokens; markers are dropped, and what they broke up stays text. */
	function tokenize(text: string, marker: string): number[] {
		if (!text.includes(marker)) return model.tokenize(text, true);
		return special.split(text).flatMap((piece, i) => (i % 2 === 1 ? model.tokenize(piece, true) : model.tokenize(piece.replaceAll(marker, ''), false)));
	}

	function withStart(tokens: number[]): number[] {
		return shouldPrependBosToken && bos !== null && tokens[0] !== bos ? [bos, ...tokens] : tokens;
	}

	function known(tokens: number[]): number[] {
		const strange = tokens.find((token) => token >= vocabularySize);
		if (strange !== undefined) throw new AppError('VALIDATION_ERROR', `prompt: the model has no token ${strange}, its vocabulary has ${vocabularySize}`);
		return tokens;
	}

	return ({ messages, prompt, options }) => {
		if (prompt !== undefined) return { tokens: typeof prompt === 'string' ? withStart(model.tokenize(prompt, true)) : known(prompt), startsReasoning: false };
		const tools = options.toolChoice === 'none' ? [] : (options.tools ?? []);
		const told = syntax.isForeign ? describeTools(messages, tools, syntax) : withNames(messages);
		const marker = unusedMarker(JSON.stringify([messages, tools]));
		const breakUp = (text: string) => special.split(text).map((piece, i) => (i % 2 === 1 ? [...piece].join(marker) : piece)).join('');
		const effort = options.reasoningEffort;
		const rendered = template.render({
			messages: told.map((message) => templateMessage(message, syntax.idLength, (value) => mapStrings(value, breakUp))),
			// as Hugging Face's apply_chat_template passes them
			tools: syntax.isForeign || tools.length === 0 ? null : mapStrings(tools, breakUp),
			documents: null,
			add_generation_prompt: true,
			bos_token: bosString ?? '',
			eos_token: eosString ?? '',
			...(effort === undefined ? {} : { reasoning_effort: effort, enable_thinking: effort !== 'none' })
		});
		return { tokens: withStart(tokenize(rendered, marker)), startsReasoning: /<think>\s*$/u.test(rendered), ...(tools.length > 0 ? { toolSyntax: syntax } : {}) };
	};
}
