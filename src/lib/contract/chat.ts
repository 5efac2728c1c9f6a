import { z } from 'zod';
import type { ErrorCode } from './errors.ts';

/** Input limits that protect the server; a request beyond one is a 400 that names the field. */
const limits = { messages: 4096, stopStrings: 16, stopLength: 512, tools: 256, promptTokens: 1_000_000 } as const;

const textPart = z.object({ type: z.literal('text'), text: z.string() });
const otherPart = z.looseObject({ type: z.string() });

/** A message's content: a string, null, or OpenAI's parts. Parts other than text are kept for the engine to refuse by name. */
export const messageContentSchema = z.union([z.string(), z.null(), z.array(z.union([textPart, otherPart]))], { error: 'must be a string or an array of parts' });

export const toolCallSchema = z.object({
	id: z.string().optional(),
	type: z.literal('function').default('function'),
	function: z.object({ name: z.string(), arguments: z.string() })
});

export const chatMessageSchema = z
	.looseObject(
		{
			role: z.enum(['system', 'developer', 'user', 'assistant', 'tool'], { error: 'must be system, user, assistant or tool' }),
			content: messageContentSchema.optional(),
			name: z.string().nullish(),
			tool_calls: z.array(toolCallSchema).nullish(),
			tool_call_id: z.string().nullish(),
			reasoning_content: z.string().nullish()
		},
		{ error: 'must be an object with role and content' }
	)
	.refine((message) => message.role === 'assistant' || message.content != null, { path: ['content'], error: 'is required' });

export const toolSchema = z.looseObject({
	type: z.literal('function'),
	function: z.looseObject({ name: z.string().min(1).max(64), description: z.string().optional(), parameters: z.record(z.string(), z.unknown()).optional() })
});

/** The most tokens anybody asks for; that many or more mean: to the context's end. */
export const wholeContext = 10_000_000;

const between = (min: number, max: number, what = 'a number') => ({ error: `must be ${what} from ${min} to ${max}` });
function number(min: number, max: number) {
	const words = between(min, max);
	return z.number(words).min(min, words).max(max, words);
}
function whole(min: number, max: number) {
	const words = between(min, max, 'a whole number');
	return z.number(words).int(words).min(min, words).max(max, words);
}
const atLeastOne = { error: 'must be a whole number of at least 1' };
const tokenCount = z.number(atLeastOne).int(atLeastOne).min(1, atLeastOne).nullish();
const flag = z.boolean({ error: 'must be true or false' }).nullish();

/** The sampling and output members that `/api/chat`, `/v1` and `chat.start` share, in the field's own (OpenAI) names with camelCase twins. */
const chatOptionsWire = {
	temperature: number(0, 2).nullish(),
	top_p: number(0, 1).nullish(),
	topP: number(0, 1).nullish(),
	top_k: whole(0, 100_000).nullish(),
	topK: whole(0, 100_000).nullish(),
	min_p: number(0, 1).nullish(),
	minP: number(0, 1).nullish(),
	max_tokens: tokenCount,
	maxTokens: tokenCount,
	max_completion_tokens: tokenCount,
	min_tokens: whole(0, 1_000_000).nullish(),
	ignore_eos: flag,
	stop: z.union([z.string().max(limits.stopLength), z.array(z.string().max(limits.stopLength)).max(limits.stopStrings)], { error: `must be a text or at most ${limits.stopStrings} texts, of at most ${limits.stopLength} characters` }).nullish(),
	seed: z.int({ error: 'must be a whole number' }).nullish(),
	presence_penalty: number(-2, 2).nullish(),
	presencePenalty: number(-2, 2).nullish(),
	frequency_penalty: number(-2, 2).nullish(),
	frequencyPenalty: number(-2, 2).nullish(),
	repeat_penalty: number(0, 2).nullish(),
	repeatPenalty: number(0, 2).nullish(),
	logit_bias: z.record(z.string().regex(/^\d{1,9}$/, 'logit_bias keys must be token ids'), number(-100, 100)).nullish(),
	logprobs: flag,
	top_logprobs: whole(0, 20).nullish(),
	n: whole(1, 8).nullish(),
	response_format: z.looseObject({ type: z.enum(['text', 'json_object', 'json_schema']) }).nullish(),
	tools: z.array(toolSchema).max(limits.tools).nullish(),
	tool_choice: z.union([z.enum(['auto', 'none', 'required']), z.object({ type: z.literal('function'), function: z.object({ name: z.string() }) })], { error: 'must be auto, none, required or a function by its name' }).nullish(),
	parallel_tool_calls: flag,
	reasoning_effort: z.string().max(20).nullish(),
	reasoning_budget: whole(0, 1_000_000).nullish()
};

type ChatOptionsWire = z.infer<z.ZodObject<typeof chatOptionsWire>>;

/** Another's, unknown and malformed ids alike are 404, which the conversations themselves tell. */
const conversationId = z.custom<string | null | undefined>(() => true).transform((id: unknown) => (id == null ? undefined : typeof id === 'string' ? id : JSON.stringify(id)));

const modelName = z.string({ error: 'must be a string' }).max(512, 'must be at most 512 characters').nullish();

/** The chat request as it comes, in the field's own names. */
export const chatRequestWireSchema = z.looseObject(
	{
		model: modelName,
		messages: z
			.array(chatMessageSchema, { error: 'must be an array of messages with role and content' })
			.min(1, 'must not be empty')
			.max(limits.messages, `must be at most ${limits.messages}`),
		stream: flag,
		stream_options: z.looseObject({ include_usage: flag }, { error: 'must be an object' }).nullish(),
		conversationId: conversationId.optional(),
		conversation_id: conversationId.optional(),
		parentId: z.string({ error: 'must be the id of a message' }).nullish(),
		store: flag,
		/** `flex`: a request that may wait, behind those of people (OpenAI's word for it) */
		service_tier: z.string().max(20).nullish(),
		...chatOptionsWire
	},
	{ error: 'The request body must be a JSON object' }
);

/** Joins the text parts of a message; anything else is named in `unsupportedParts`. */
function flattenContent(content: z.infer<typeof messageContentSchema> | undefined): { text: string; unsupportedParts: string[] } {
	if (content == null) return { text: '', unsupportedParts: [] };
	if (typeof content === 'string') return { text: content, unsupportedParts: [] };
	const text = content.map((part) => ('text' in part && part.type === 'text' ? String(part.text) : '')).join('');
	return { text, unsupportedParts: content.filter((part) => part.type !== 'text').map((part) => part.type) };
}

function toMessage(wire: z.infer<typeof chatMessageSchema>): ChatMessage {
	const { text, unsupportedParts } = flattenContent(wire.content);
	return {
		role: wire.role === 'developer' ? 'system' : wire.role,
		content: text,
		...(unsupportedParts.length ? { unsupportedParts, parts: wire.content as unknown[] } : {}),
		...(wire.name != null ? { name: wire.name } : {}),
		...(wire.reasoning_content ? { reasoning: wire.reasoning_content } : {}),
		...(wire.tool_calls?.length ? { toolCalls: wire.tool_calls.map((call) => ({ id: call.id ?? '', name: call.function.name, arguments: call.function.arguments })) } : {}),
		...(wire.tool_call_id != null ? { toolCallId: wire.tool_call_id } : {})
	};
}

/** Members that some upstreams understand and this program only hands on, but for `chat_template_kwargs`, which templates of local models get too. Nothing else unknown is: an unknown number has crashed engines. */
const handedOn = ['reasoning', 'chat_template_kwargs', 'verbosity', 'prediction'] as const;

function furtherOf(wire: Record<string, unknown>): Record<string, unknown> | undefined {
	const given = handedOn.filter((name) => wire[name] != null).map((name) => [name, wire[name]] as const);
	return given.length ? Object.fromEntries(given) : undefined;
}

/** The options of a request in camelCase, without aliases. */
function optionsOf(wire: ChatOptionsWire & Record<string, unknown>): ChatOptions {
	const stop = wire.stop == null ? [] : (typeof wire.stop === 'string' ? [wire.stop] : wire.stop).filter((s) => s.length > 0);
	const maxTokens = wire.max_completion_tokens ?? wire.max_tokens ?? wire.maxTokens ?? undefined;
	return {
		temperature: wire.temperature ?? undefined,
		topP: wire.top_p ?? wire.topP ?? undefined,
		topK: wire.top_k ?? wire.topK ?? undefined,
		minP: wire.min_p ?? wire.minP ?? undefined,
		maxTokens: maxTokens !== undefined && maxTokens >= wholeContext ? Infinity : maxTokens,
		minTokens: wire.min_tokens ?? undefined,
		ignoreEnd: wire.ignore_eos ?? undefined,
		stop: wire.stop == null ? undefined : stop,
		seed: wire.seed ?? undefined,
		presencePenalty: wire.presence_penalty ?? wire.presencePenalty ?? undefined,
		frequencyPenalty: wire.frequency_penalty ?? wire.frequencyPenalty ?? undefined,
		repeatPenalty: wire.repeat_penalty ?? wire.repeatPenalty ?? undefined,
		logitBias: wire.logit_bias ?? undefined,
		topLogprobs: wire.logprobs ? (wire.top_logprobs ?? 0) : undefined,
		choices: wire.n ?? undefined,
		responseFormat: wire.response_format ?? undefined,
		tools: wire.tools ?? undefined,
		toolChoice: wire.tool_choice ?? undefined,
		parallelToolCalls: wire.parallel_tool_calls ?? undefined,
		reasoningEffort: wire.reasoning_effort ?? undefined,
		reasoningBudget: wire.reasoning_budget ?? undefined,
		further: furtherOf(wire)
	};
}

/**
 * The one chat request. Input: the wire shape of `/api/chat` (OpenAI's, with B's aliases). Output: {@link ChatRequest}.
 * Unknown members are ignored, as every OpenAI-style server does.
 */
export const chatRequestSchema = chatRequestWireSchema.transform(
	(wire): ChatRequest => ({
		model: wire.model ?? undefined,
		messages: wire.messages.map(toMessage),
		stream: wire.stream !== false,
		includeUsage: wire.stream_options?.include_usage === true,
		conversationId: wire.conversationId ?? wire.conversation_id,
		parentId: wire.parentId,
		store: wire.store !== false,
		priority: wire.service_tier === 'flex' ? 'batch' : 'interactive',
		options: optionsOf(wire)
	})
);

/**
 * A raw prompt to go on from, without a chat template (OpenAI's older completions): its text, in which control tokens
 * count, or its tokens. Nothing of it is kept.
 */
export const completionRequestSchema = z
	.looseObject(
		{
			model: modelName,
			prompt: z.union([z.string(), z.array(z.int().min(0)).min(1, 'must not be empty').max(limits.promptTokens)], { error: 'must be a text or tokens' }),
			stream: flag,
			...chatOptionsWire
		},
		{ error: 'The request body must be a JSON object' }
	)
	.transform(
		(wire): ChatRequest => ({ model: wire.model ?? undefined, messages: [], prompt: wire.prompt, stream: wire.stream === true, includeUsage: false, store: false, options: optionsOf(wire) })
	);

export type ChatRole = 'system' | 'user' | 'assistant' | 'tool';
export type ChatMessage = {
	role: ChatRole;
	/** the joined text parts */
	content: string;
	name?: string;
	reasoning?: string;
	toolCalls?: { id: string; name: string; arguments: string }[];
	toolCallId?: string;
	/** types of the parts that are not text; an engine that cannot read them refuses with 400 */
	unsupportedParts?: string[];
	/** the parts as they came, for an upstream that can read them */
	parts?: unknown[];
};

/** Generation options; an absent member means "the parameter's value for this model". */
export type ChatOptions = {
	temperature?: number;
	topP?: number;
	topK?: number;
	minP?: number;
	/** tokens; Infinity = to the context's end */
	maxTokens?: number;
	minTokens?: number;
	ignoreEnd?: boolean;
	stop?: string[];
	seed?: number;
	presencePenalty?: number;
	frequencyPenalty?: number;
	repeatPenalty?: number;
	/** token id → bias −100…100 */
	logitBias?: Record<string, number>;
	/** 0–20 alternatives; undefined = no log-probabilities at all */
	topLogprobs?: number;
	choices?: number;
	responseFormat?: { type: 'text' | 'json_object' | 'json_schema'; [key: string]: unknown };
	tools?: z.infer<typeof toolSchema>[];
	toolChoice?: 'auto' | 'none' | 'required' | { type: 'function'; function: { name: string } };
	parallelToolCalls?: boolean;
	reasoningEffort?: string;
	/** tokens of thought after which the answer begins */
	reasoningBudget?: number;
	/** members for upstreams, in their wire names; of them only `chat_template_kwargs` is for models that run here too */
	further?: Record<string, unknown>;
};

export type ChatRequest = {
	model?: string;
	messages: ChatMessage[];
	/** a raw prompt, or its tokens, instead of messages */
	prompt?: string | number[];
	stream: boolean;
	includeUsage: boolean;
	conversationId?: string;
	/** the message of the conversation that this exchange follows; null = none; absent = the end of the branch that is shown */
	parentId?: string | null;
	/** false keeps nothing of the exchange */
	store: boolean;
	/** batch: may wait, behind those that are interactive */
	priority?: 'interactive' | 'batch';
	options: ChatOptions;
};

export type TokenLogprob = { token: string; logprob: number; bytes: number[]; top: { token: string; logprob: number; bytes: number[] }[] };

export type ChatUsage = {
	/** tokens of the rendered prompt, cached ones included */
	promptTokens: number;
	completionTokens: number;
	/** prompt tokens that were found in the KV cache */
	cachedTokens: number;
	reasoningTokens: number;
	/** tokens a sequence can hold; 0 when an upstream doesn't tell */
	contextLength: number;
	/** milliseconds from the request's start to the first token, waiting included; null when there was none */
	timeToFirstTokenMs: number | null;
	/** milliseconds spent waiting for a slot, loading included */
	queueMs: number;
	/** milliseconds from the request's start to its end */
	durationMs: number;
	/** generated tokens per second between the first and the last token; null below two tokens */
	tokensPerSecond: number | null;
};

export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'cancelled' | 'error';

/** What a chat engine (the pool's or an upstream's) yields and every dialect encodes. `finish` is the last, always. */
export type ChatEvent =
	| { type: 'accepted'; conversationId: string | null; answerId?: string; model?: string }
	| { type: 'progress'; phase: 'queued'; /** 1 = next */ position: number; estimateMs?: number }
	| { type: 'progress'; phase: 'loading'; /** 0–1 */ fraction: number }
	| { type: 'progress'; phase: 'prompt'; processedTokens: number; totalTokens: number }
	| { type: 'text'; text: string; logprobs?: TokenLogprob[]; /** index of the choice when n > 1 */ choice?: number }
	| { type: 'reasoning'; text: string; choice?: number }
	| { type: 'toolCall'; /** counts per message, from 0 */ index: number; id: string; /** on the first delta of a call only */ name?: string; argumentsDelta: string; choice?: number }
	| ({ type: 'usage' } & ChatUsage)
	| { type: 'error'; code: ErrorCode; message: string; details?: string }
	| { type: 'finish'; reason: FinishReason; /** the stop string that ended it, where the engine tells */ stopString?: string; choice?: number };

/** Wire and typed-client input of the chat request. */
export type ChatRequestInput = z.input<typeof chatRequestSchema>;
