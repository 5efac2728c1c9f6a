/**
 * From messages to tokens: the template's own parts with special tokens, what callers wrote without. A control token's text
 * inside a message (`<|im_end|>`) is broken up by a marker before rendering, so that it cannot end a turn, and the rest of the
 * message stays as the template's string functions expect it; the marker is taken out again after the special tokens are found.
 * All other text is tokenised in one piece with the template, as the model was trained.
 */
import type { LlamaModel } from 'node-llama-cpp';
import { AppError } from '../../errors.ts';
import type { NativeModel } from './native.ts';
import type { GenerateRequest } from './protocol.ts';
import { createSpecialTokens } from './special-tokens.ts';
import { createTemplate, defaultTemplate } from './template.ts';
import { createTemplateInput } from './template-input.ts';
import { commonThoughtMarks, thoughtMarksOf } from './thought-marks.ts';
import { toolSyntaxOf, type ToolSyntax } from './tool-syntax.ts';

export type Prompt = {
	tokens: number[];
	/** the rendered prompt ends inside an opened thought */
	startsReasoning: boolean;
	/** the answer is in the harmony format */
	isHarmony?: true;
	/** how the model is to write tool calls, when it may call any */
	toolSyntax?: ToolSyntax;
};

export type PromptSource = Pick<GenerateRequest, 'messages' | 'prompt' | 'task' | 'options'>;

/** llama.cpp's token attributes of which the tokenizer makes special tokens: unknown, control. */
const specialAttributes = (1 << 0) | (1 << 3);

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
	const { open } = thoughtMarksOf(templateText ?? defaultTemplate) ?? commonThoughtMarks;
	const inputOf = createTemplateInput(template, syntax);
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
		const marker = unusedMarker(JSON.stringify([messages, tools]));
		const breakUp = (text: string) => special.split(text).map((piece, i) => (i % 2 === 1 ? [...piece].join(marker) : piece)).join('');
		const rendered = template.render({ ...inputOf(messages, tools, options, breakUp), bos_token: bosString ?? '', eos_token: eosString ?? '' });
		return { tokens: withStart(tokenize(rendered, marker)), startsReasoning: rendered.trimEnd().endsWith(open), ...(syntax.isHarmony ? { isHarmony: true } : {}), ...(tools.length > 0 ? { toolSyntax: syntax } : {}) };
	};
}
