/** One generation: the scheduler's stream on one side, chat events on the other. */
import type { ChatEvent, ChatUsage, FinishReason } from '../../../contract/chat.ts';
import { AppError } from '../../errors.ts';
import type { HarmonyReader } from './harmony.ts';
import { createLogprobTrack, logprobRow } from './logprobs.ts';
import type { Utf8Guard } from './grammar/utf8-guard.ts';
import type { NativeGrammarState, NativeSampler, RawLogits } from './native.ts';
import type { Prompt } from './prompt.ts';
import { createPromptLookup } from './prompt-lookup.ts';
import type { GenerateRequest } from './protocol.ts';
import { samplerConfig } from './sampling.ts';
import type { Stream } from './scheduler.ts';
import { createDetokenizer, createReasoningSplitter, createStopMatcher, noReasoning, type Detokenize, type TextPart } from './text-stream.ts';
import type { ThoughtMarks } from './thought-marks.ts';
import type { TokenBytes } from './token-bytes.ts';
import type { CallPart, ToolCallParser } from './tool-call-parser.ts';

/** milliseconds to choose a token by a grammar; an ambiguous one takes more with each token, and holds up all streams */
const mostSampleMs = 3000;

/** What a generation needs of its model. */
export type GenerationModel = {
	contextLength: number;
	vocabularySize: number;
	/** all end-of-generation tokens */
	endTokens: ReadonlySet<number>;
	detokenize: Detokenize;
	bytesOf: TokenBytes;
	/** what ends a thought */
	thoughtEnd: readonly number[];
	/** tokens that are never shown as text */
	controlTokens: readonly number[];
	/** made when the first grammar needs it */
	utf8Guard(): Utf8Guard;
};

export type GenerationStart = {
	request: GenerateRequest;
	prompt: Prompt;
	/** Makes the sequence ready between batches; returns how many prompt tokens are in its cache already. */
	prepare(): number;
	sequenceId: number;
	sampler: NativeSampler;
	/** the sequence can forget what was guessed wrong */
	canGuess: boolean;
	/** a plain sampler, when log-probabilities are wanted */
	plain?: NativeSampler | undefined;
	/** what reads an answer in the harmony format; `marks` are its control tokens then */
	harmony?: HarmonyReader | undefined;
	/** what takes tool calls out of the text */
	calls?: ToolCallParser | undefined;
	/** tokens whose texts are read though they may be control tokens; empty: it may be said, and is not shown */
	marks: ReadonlyMap<number, string>;
	thoughtMarks?: ThoughtMarks | undefined;
	/** what the answer must be, from its beginning */
	grammar?: NativeGrammarState | undefined;
	/** `performance.now()` when the request came */
	requestedAt: number;
	/** milliseconds spent waiting for a slot */
	queueMs: number;
	signal: AbortSignal;
};

export type Generation = Stream & {
	/** prompt and answer: the first `position` of them are in the KV cache */
	readonly tokens: number[];
};

/** Usage of an answer with its times in milliseconds. */
export function usageOf(counts: Pick<ChatUsage, 'promptTokens' | 'completionTokens' | 'cachedTokens' | 'reasoningTokens' | 'contextLength'>, times: { requestedAt: number; queueMs: number; firstTokenAt?: number | undefined; lastTokenAt?: number | undefined }): ChatEvent {
	const { requestedAt, queueMs, firstTokenAt, lastTokenAt } = times;
	const spanMs = firstTokenAt === undefined || lastTokenAt === undefined ? 0 : lastTokenAt - firstTokenAt;
	return {
		type: 'usage',
		...counts,
		timeToFirstTokenMs: firstTokenAt === undefined ? null : firstTokenAt - requestedAt,
		queueMs,
		durationMs: performance.now() - requestedAt,
		tokensPerSecond: counts.completionTokens < 2 || spanMs <= 0 ? null : ((counts.completionTokens - 1) * 1000) / spanMs
	};
}

/**
 * Events go to `emit`, `usage` and `finish` last; `onEnd` of the stream calls `ended` after them (with the error, when decoding
 * failed: then without `usage` and `finish`). The sampler is configured here; VALIDATION_ERROR for a bias on an unknown token.
 */
export function createGeneration(model: GenerationModel, start: GenerationStart, emit: (event: ChatEvent) => void, ended: (error?: unknown) => void): Generation {
	const { request, prompt, sampler, signal, calls, harmony } = start;
	const { options } = request;
	const promptTokens = prompt.tokens.length;
	const maxTokens = Math.min(options.maxTokens, model.contextLength - promptTokens);
	const minTokens = options.ignoreEnd ? Infinity : (options.minTokens ?? 0);

	const tokens = [...prompt.tokens];
	const detokenizer = createDetokenizer(model.detokenize, prompt.tokens);
	const splitter = harmony ?? (request.prompt === undefined ? createReasoningSplitter(prompt.startsReasoning, start.thoughtMarks) : noReasoning);
	const stops = createStopMatcher(options.stop ?? []);
	const logprobs = options.topLogprobs === undefined ? undefined : createLogprobTrack();
	let cachedTokens = 0;
	let completionTokens = 0;
	let reasoningTokens = 0;
	let firstTokenAt: number | undefined;
	let lastTokenAt: number | undefined;
	let isStopped = false;
	let stopString: string | undefined;
	let hasContent = false;
	let isGuarding = false;
	/** what is still to be said of the end of a thought that has used up its budget */
	let closing: number[] | undefined;
	const utf8Guard = start.grammar && model.utf8Guard();
	const unspoken = start.grammar ? model.controlTokens.filter((token) => !model.endTokens.has(token) && !start.marks.has(token)) : [];
	let reason: FinishReason = 'cancelled';

	/** `broken`: tokens that would break a character that has begun. */
	function configure(broken: readonly number[] = [], forced?: number): void {
		const banned = [...(completionTokens < minTokens ? model.endTokens : []), ...(start.grammar ? unspoken : []), ...broken];
		const config = samplerConfig({ options: { ...options, maxTokens }, prompt: prompt.tokens, generated: tokens.slice(promptTokens), vocabularySize: model.vocabularySize, banned, forced });
		sampler.applyConfig(start.grammar ? { ...config, grammarEvaluationState: start.grammar } : config);
	}

	/** llama.cpp's grammars take what we don't show, and read broken UTF-8 otherwise than we do: neither may be chosen. */
	function guard(token: number): void {
		const broken = utf8Guard!(token);
		if (broken.length > 0 || isGuarding) configure(broken);
		isGuarding = broken.length > 0;
	}

	/** Ends a thought that has used up its budget, token by token; true while it does. */
	function endThought(): boolean {
		const isDue = splitter.isReasoning && !detokenizer.isHolding && reasoningTokens >= (options.reasoningBudget ?? Infinity);
		if (closing === undefined && !isDue) return false;
		closing ??= [...model.thoughtEnd];
		const forced = closing.shift();
		if (forced === undefined) closing = undefined;
		configure([], forced);
		return forced !== undefined;
	}

	/** Shows nothing from a stop string on. */
	function show(parts: (TextPart | CallPart)[]): void {
		for (const part of parts) {
			if (isStopped) return;
			if (part.type !== 'text') emit(part);
			else {
				if (!hasContent) logprobs?.begin(part.text.length);
				hasContent = true;
				showContent(calls ? calls.push(part.text) : [part]);
			}
		}
	}

	function showContent(parts: (CallPart | TextPart)[]): void {
		for (const part of parts) {
			if (isStopped) return;
			if (part.type === 'toolCall') emit(part);
			else {
				const { text, stopped, by } = stops.push(part.text);
				isStopped = stopped;
				stopString = by;
				showText(text, stopped);
			}
		}
	}

	/** `isLast`: nothing is shown after it. */
	function showText(text: string, isLast: boolean): void {
		if (text !== '') emit({ type: 'text', text, ...(logprobs ? { logprobs: logprobs.take(text.length, isLast) } : {}) });
	}

	/** What was withheld for something that didn't come. */
	function showRest(): void {
		show(splitter.push(detokenizer.flush()));
		show(splitter.flush());
		showContent(calls?.flush() ?? []);
		if (!isStopped) showText(stops.flush(), true);
	}

	function finishes(token: number, logits: RawLogits | undefined): FinishReason | undefined {
		if (model.endTokens.has(token)) return (calls?.complete ?? harmony?.calls ?? 0) > 0 ? 'tool_calls' : 'stop';
		const isPart = detokenizer.isHolding;
		const mark = start.marks.get(token);
		const text = mark === undefined ? detokenizer.push(token) : detokenizer.flush() + (harmony ? '' : mark);
		if (logits) logprobs!.add(logprobRow(token, isPart ? '' : text, logits, options.topLogprobs!, model.bytesOf), text.length);
		show(splitter.push(text));
		if (mark !== undefined) harmony?.mark(mark);
		if (isStopped) return 'stop';
		return completionTokens >= maxTokens ? 'length' : undefined;
	}

	const tellPrompt = () => emit({ type: 'progress', phase: 'prompt', processedTokens: generation.position, totalTokens: promptTokens });
	// one at a time, log-probabilities are read by a second sampler
	const lookup = start.canGuess && !start.plain ? createPromptLookup() : undefined;

	if (!endThought()) configure();
	const generation: Generation = {
		tokens,
		sequenceId: start.sequenceId,
		sampler,
		...(start.plain ? { logits: { plain: start.plain, top: options.topLogprobs! } } : {}),
		pending: Uint32Array.from(prompt.tokens),
		position: 0,
		isAborted: () => signal.aborted,
		...(start.grammar ? { mostSampleMs } : {}),
		...(lookup ? { lookup: { guess: () => (completionTokens < maxTokens - 1 ? lookup.guess(tokens).slice(0, maxTokens - completionTokens - 1) : []), learn: lookup.learn } } : {}),
		onStart() {
			cachedTokens = start.prepare();
			generation.position = cachedTokens;
			generation.pending = generation.pending.subarray(cachedTokens);
			tellPrompt(); // some dialects begin with the prompt's length
		},
		onPrompt: tellPrompt,
		onToken(token, logits) {
			lastTokenAt = performance.now();
			firstTokenAt ??= lastTokenAt;
			completionTokens++;
			const wasReasoning = splitter.isReasoning;
			tokens.push(token);
			const end = finishes(token, logits);
			if (wasReasoning || splitter.isReasoning) reasoningTokens++;
			if (end !== undefined) {
				reason = end;
				return false;
			}
			if (endThought()) return true;
			if (completionTokens === minTokens) configure();
			if (utf8Guard) guard(token);
			return true;
		},
		onEnd(error) {
			if (error === undefined) {
				showRest();
				emit(usageOf({ promptTokens, completionTokens, cachedTokens, reasoningTokens, contextLength: model.contextLength }, { requestedAt: start.requestedAt, queueMs: start.queueMs, firstTokenAt, lastTokenAt }));
				emit({ type: 'finish', reason, ...(stopString === undefined ? {} : { stopString }) });
			}
			ended(error);
		}
	};
	return generation;
}

/** Refuses by name what this engine can't do yet, before anything is computed. Throws UNSUPPORTED_PARAMETER. */
export function assertSupported({ messages, options }: Pick<GenerateRequest, 'messages' | 'options'>): void {
	const refuse = (name: string, why: string) => {
		throw new AppError('UNSUPPORTED_PARAMETER', `${name} is not supported by models that run in this server: ${why}`);
	};
	for (const [index, message] of messages.entries()) {
		if (message.unsupportedParts?.length) refuse(`messages[${index}].content`, `parts of type ${message.unsupportedParts.join(', ')} cannot be read, send text`);
	}
	const hasTools = options.tools?.length && options.toolChoice !== 'none';
	const hasFormat = options.responseFormat && options.responseFormat.type !== 'text';
	if ((hasTools || hasFormat) && (options.ignoreEnd || options.minTokens)) {
		refuse(options.ignoreEnd ? 'ignore_eos' : 'min_tokens', `with ${hasTools ? 'tools' : 'a response_format'} the answer ends when it is complete`);
	}
	if (!options.tools?.length && (options.toolChoice === 'required' || typeof options.toolChoice === 'object')) throw new AppError('VALIDATION_ERROR', 'tool_choice asks for a call, but there are no tools');
}
