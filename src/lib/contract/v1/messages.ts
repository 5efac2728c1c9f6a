import { z } from 'zod';

const flag = z.boolean({ error: 'must be true or false' }).nullish();
const block = z.looseObject({ type: z.string({ error: 'must be a string' }) }, { error: 'must be an object with a type' });
type Block = z.infer<typeof block>;
const content = z.union([z.string(), z.array(block)], { error: 'must be a text or an array of blocks' });

const common = {
	model: z.string({ error: 'Field required' }).max(512),
	messages: z.array(z.object({ role: z.enum(['user', 'assistant', 'system'], { error: 'must be user or assistant' }), content }, { error: 'must be an object with role and content' }), { error: 'Field required' }).min(1, 'at least one message is required'),
	system: content.nullish(),
	tools: z.array(z.looseObject({ name: z.string(), type: z.string().nullish() })).nullish(),
	tool_choice: z.looseObject({ type: z.enum(['auto', 'any', 'tool', 'none']) }).nullish(),
	thinking: z.looseObject({ type: z.string() }).nullish(),
	output_format: z.looseObject({ type: z.string() }).nullish(),
	output_config: z.looseObject({ format: z.looseObject({ type: z.string() }).nullish(), effort: z.string().max(20).nullish() }).nullish()
};

/** `POST /v1/messages/count_tokens` as it comes. */
export const countTokensWireSchema = z.looseObject(common, { error: 'The request body must be a JSON object' });

/** `POST /v1/messages` as it comes. Sampling members are validated with the chat request that comes of it. */
export const messagesWireSchema = z.looseObject(
	{ ...common, max_tokens: z.int({ error: 'Field required' }).min(1, 'must be at least 1'), stream: flag, stop_sequences: z.array(z.string()).nullish() },
	{ error: 'The request body must be a JSON object' }
);
type Wire = z.infer<typeof countTokensWireSchema>;
type Message = Record<string, unknown>;

const textOf = (value: unknown): string => (typeof value === 'string' ? value : Array.isArray(value) ? value.map((one: Block) => (one.type === 'text' ? String(one.text ?? '') : '')).join('') : '');

type Source = { type?: string; media_type?: string; data?: string; url?: string };
const addressOf = ({ type, media_type, data, url }: Source): unknown => (type === 'base64' ? `data:${media_type};base64,${data}` : url);

/** A block as a part of the chat request; one that it doesn't know goes on as it is, for the engine to refuse by name. */
function chatPart(one: Block): unknown {
	if (one.type === 'text') return { type: 'text', text: String(one.text ?? '') };
	const source = (one.source ?? {}) as Source;
	if (one.type === 'image') return { type: 'image_url', image_url: { url: addressOf(source) } };
	if (one.type === 'document' && source.type === 'text') return { type: 'text', text: String(source.data ?? '') };
	return one;
}

/** One of Anthropic's turns as messages: results of tools are messages of their own, and come before what else is said. */
function turn(role: string, blocks: string | Block[]): Message[] {
	if (typeof blocks === 'string') return [{ role, content: blocks }];
	const results = blocks.filter(({ type }) => type === 'tool_result');
	const calls = blocks.filter(({ type }) => type === 'tool_use');
	const thought = blocks.filter(({ type }) => type === 'thinking').map(({ thinking }) => String(thinking ?? '')).join('');
	const rest = blocks.filter(({ type }) => !['tool_result', 'tool_use', 'thinking', 'redacted_thinking'].includes(type));
	const said: Message = {
		role,
		content: rest.length ? rest.map(chatPart) : null,
		...(calls.length ? { tool_calls: calls.map(({ id, name, input }) => ({ id: String(id ?? ''), type: 'function', function: { name: String(name ?? ''), arguments: JSON.stringify(input ?? {}) } })) } : {}),
		...(thought ? { reasoning_content: thought } : {})
	};
	const answers = results.map(({ tool_use_id, content: result }) => ({ role: 'tool', tool_call_id: String(tool_use_id ?? ''), content: Array.isArray(result) ? (result as Block[]).map(chatPart) : textOf(result) }));
	return [...answers, ...(rest.length || calls.length || role === 'assistant' ? [said] : [])];
}

function toolChoice({ tool_choice: choice }: Wire): unknown {
	if (!choice) return undefined;
	if (choice.type === 'tool') return { type: 'function', function: { name: choice.name } };
	return choice.type === 'any' ? 'required' : choice.type;
}

/** What every request of Anthropic's says, as a chat request. */
function chatOf(wire: Wire, context: z.RefinementCtx): Record<string, unknown> {
	const tools = wire.tools?.map(({ type, name, description, input_schema }, index) => {
		if (type != null && type !== 'custom') context.addIssue({ code: 'custom', path: ['tools', index], message: `tools of type ${type} are not supported, only custom ones` });
		return { type: 'function', function: { name, ...(description == null ? {} : { description }), ...(input_schema == null ? {} : { parameters: input_schema }) } };
	});
	const format = wire.output_config?.format ?? wire.output_format;
	const system = textOf(wire.system);
	return {
		model: wire.model,
		messages: [...(system ? [{ role: 'system', content: system }] : []), ...wire.messages.flatMap(({ role, content: said }) => turn(role, said))],
		store: false,
		tools,
		tool_choice: toolChoice(wire),
		...(wire.tool_choice?.disable_parallel_tool_use === true ? { parallel_tool_calls: false } : {}),
		...(format?.type === 'json_schema' ? { response_format: { type: 'json_schema', json_schema: { name: 'output', schema: format.schema } } } : {}),
		reasoning_effort: wire.thinking?.type === 'disabled' ? 'none' : wire.output_config?.effort
	};
}

export type MessagesRequest = Record<string, unknown> & { stream: boolean };

export const messagesRequestSchema = messagesWireSchema.transform((wire, context): MessagesRequest => ({
	...chatOf(wire, context),
	stream: wire.stream === true,
	max_tokens: wire.max_tokens,
	stop: wire.stop_sequences,
	temperature: wire.temperature,
	top_p: wire.top_p,
	top_k: wire.top_k
}));
export const countTokensRequestSchema = countTokensWireSchema.transform(chatOf);

const blockSchema = z.discriminatedUnion('type', [
	z.object({ type: z.literal('text'), text: z.string() }),
	z.object({ type: z.literal('thinking'), thinking: z.string(), signature: z.string().describe('Empty: what a model here thinks is not signed.') }),
	z.object({ type: z.literal('tool_use'), id: z.string(), name: z.string(), input: z.record(z.string(), z.unknown()) })
]);
export type AnswerBlock = z.infer<typeof blockSchema>;

export const messagesUsageSchema = z.object({
	input_tokens: z.int().describe('Read anew; the cached ones are counted apart.'),
	cache_read_input_tokens: z.int().describe('Found in the KV cache.'),
	cache_creation_input_tokens: z.int(),
	output_tokens: z.int()
});

/** Anthropic's whole answer. */
export const messageSchema = z.object({
	id: z.string(),
	type: z.literal('message'),
	role: z.literal('assistant'),
	model: z.string(),
	content: z.array(blockSchema),
	stop_reason: z.enum(['end_turn', 'max_tokens', 'stop_sequence', 'tool_use']).nullable(),
	stop_sequence: z.string().nullable(),
	usage: messagesUsageSchema
});
export type MessageObject = z.infer<typeof messageSchema>;

/** One event of its stream; `type` is also the event's name. */
export const messageEventSchema = z.looseObject({ type: z.enum(['message_start', 'content_block_start', 'content_block_delta', 'content_block_stop', 'message_delta', 'message_stop']) });
export const tokenCountSchema = z.object({ input_tokens: z.int() });
export const anthropicErrorSchema = z.object({ type: z.literal('error'), error: z.object({ type: z.string(), message: z.string() }), request_id: z.string() });
