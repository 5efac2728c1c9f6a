import { z } from 'zod';

const flag = z.boolean({ error: 'must be true or false' }).nullish();
const notSupported = (name: string, why: string) => ({ error: `${name} is not supported: ${why}` });
const stateless = 'this server keeps no responses, send the whole input';
const text = z.string({ error: 'must be a text' });

const part = z.looseObject({ type: z.string({ error: 'must be a string' }) }, { error: 'must be an object with a type' });
const content = z.union([z.string(), z.array(part)], { error: 'must be a text or an array of parts' });
const item = z.looseObject({ type: z.string().optional(), role: z.string().optional() }, { error: 'must be an object' });
type Item = z.infer<typeof item>;

/** `POST /v1/responses` as it comes. Sampling members are validated with the chat request that comes of it. */
export const responsesWireSchema = z.looseObject(
	{
		model: z.string({ error: 'must be a string' }).max(512).nullish(),
		input: z.union([z.string(), z.array(item).min(1, 'must not be empty')], { error: 'must be a text or an array of items' }),
		instructions: text.nullish(),
		stream: flag,
		max_output_tokens: z.int().min(1, 'must be a whole number of at least 1').nullish(),
		text: z.looseObject({ format: z.looseObject({ type: z.enum(['text', 'json_object', 'json_schema'], { error: 'must be text, json_object or json_schema' }) }).nullish() }).nullish(),
		reasoning: z.looseObject({ effort: z.string().max(20).nullish() }).nullish(),
		tools: z.array(z.looseObject({ type: z.string() })).nullish(),
		tool_choice: z.union([z.string(), z.looseObject({ type: z.string() })]).nullish(),
		parallel_tool_calls: flag,
		include: z.array(z.string()).nullish(),
		top_logprobs: z.int().min(0).max(20).nullish(),
		metadata: z.record(z.string(), z.string()).nullish(),
		store: flag.describe('Read and left: nothing is kept.'),
		previous_response_id: z.null(notSupported('previous_response_id', stateless)).optional(),
		conversation: z.null(notSupported('conversation', stateless)).optional(),
		prompt: z.null(notSupported('prompt', 'there are no stored prompts here, send instructions and input')).optional(),
		background: z.literal(false, notSupported('background', 'an answer ends with its connection')).nullish()
	},
	{ error: 'The request body must be a JSON object' }
);
type Wire = z.infer<typeof responsesWireSchema>;
type Message = Record<string, unknown>;

const textOf = (value: unknown): string =>
	typeof value === 'string' ? value : Array.isArray(value) ? value.map((one: { text?: unknown }) => (typeof one?.text === 'string' ? one.text : '')).join('') : '';

/** A part in the chat request's shape; one that it doesn't know goes on as it is, for the engine to refuse by name. */
function chatPart(one: z.infer<typeof part>): unknown {
	if (one.type === 'input_text' || one.type === 'output_text' || one.type === 'text') return { type: 'text', text: String(one.text ?? '') };
	if (one.type === 'refusal') return { type: 'text', text: String(one.refusal ?? '') };
	if (one.type === 'input_image') return { type: 'image_url', image_url: { url: one.image_url, ...(one.detail == null ? {} : { detail: one.detail }) } };
	if (one.type === 'input_file') return { type: 'file', file: { file_data: one.file_data, filename: one.filename, file_id: one.file_id } };
	return one;
}

/** Items as messages: calls join the assistant's message before them, what was thought goes with what was said next. */
function messagesOf(input: Wire['input'], instructions: string | null | undefined, context: z.RefinementCtx): Message[] {
	const messages: Message[] = instructions ? [{ role: 'system', content: instructions }] : [];
	if (typeof input === 'string') return [...messages, { role: 'user', content: input }];
	let thought = '';
	const assistant = (message: Message): Message => {
		const said = thought ? { ...message, reasoning_content: thought } : message;
		thought = '';
		messages.push(said);
		return said;
	};
	const read = (one: Item, index: number) => {
		const refuse = (message: string) => void context.addIssue({ code: 'custom', path: ['input', index], message });
		if (one.type === 'reasoning') thought += textOf(one.content) || textOf(one.summary);
		else if (one.type === 'function_call') {
			const call = { id: String(one.call_id ?? one.id ?? ''), type: 'function', function: { name: one.name, arguments: one.arguments } };
			const before = messages.at(-1);
			const holder = before?.role === 'assistant' && !thought ? before : assistant({ role: 'assistant', content: null });
			holder.tool_calls = [...((holder.tool_calls as unknown[]) ?? []), call];
		} else if (one.type === 'function_call_output') messages.push({ role: 'tool', tool_call_id: one.call_id, content: typeof one.output === 'string' ? one.output : textOf(one.output) });
		else if (one.type === undefined || one.type === 'message') {
			const said = content.safeParse(one.content ?? null);
			if (!said.success) return refuse('content must be a text or an array of parts');
			const message = { role: one.role, content: typeof said.data === 'string' ? said.data : said.data.map(chatPart) };
			if (one.role === 'assistant') assistant(message);
			else messages.push(message);
		} else refuse(`items of type ${one.type} are not supported`);
	};
	input.forEach(read);
	if (thought) assistant({ role: 'assistant', content: null });
	return messages;
}

function toolsOf(tools: Wire['tools'], context: z.RefinementCtx): unknown[] | undefined {
	return tools?.map((tool, index) => {
		if (tool.type !== 'function') context.addIssue({ code: 'custom', path: ['tools', index], message: `tools of type ${tool.type} are not supported, only functions` });
		const { type, name, description, parameters, strict } = tool;
		return { type, function: { name, ...(description == null ? {} : { description }), ...(parameters == null ? {} : { parameters }), ...(strict == null ? {} : { strict }) } };
	});
}

/** What the answer repeats of its request. */
export type ResponsesAsked = Pick<Wire, 'instructions' | 'max_output_tokens' | 'metadata' | 'parallel_tool_calls' | 'reasoning' | 'text' | 'tool_choice' | 'tools'> & { temperature?: unknown; top_p?: unknown };
export type ResponsesRequest = { chat: Record<string, unknown> & { stream: boolean }; asked: ResponsesAsked };

export const responsesRequestSchema = responsesWireSchema.transform((wire, context): ResponsesRequest => {
	const { model, input, instructions, stream, max_output_tokens, text: output, reasoning, tools, tool_choice, parallel_tool_calls, include, top_logprobs, metadata } = wire;
	const format = output?.format;
	const { type, ...schema } = format ?? { type: 'text' };
	const logprobs = top_logprobs != null || include?.includes('message.output_text.logprobs');
	const chosen = typeof tool_choice === 'object' && tool_choice?.type === 'function' ? { type: 'function', function: { name: tool_choice.name } } : tool_choice;
	return {
		chat: {
			model,
			messages: messagesOf(input, instructions, context),
			stream: stream === true,
			store: false,
			max_completion_tokens: max_output_tokens,
			...(type === 'text' ? {} : { response_format: type === 'json_schema' ? { type, json_schema: schema } : { type } }),
			reasoning_effort: reasoning?.effort,
			tools: toolsOf(tools, context),
			tool_choice: chosen,
			parallel_tool_calls,
			...(logprobs ? { logprobs: true, top_logprobs: top_logprobs ?? 0 } : {}),
			temperature: wire.temperature,
			top_p: wire.top_p,
			seed: wire.seed,
			stop: wire.stop
		},
		asked: { instructions, max_output_tokens, metadata, parallel_tool_calls, reasoning, text: output, tool_choice, tools, temperature: wire.temperature, top_p: wire.top_p }
	};
});

const outputText = z.object({ type: z.literal('output_text'), text: z.string(), annotations: z.array(z.unknown()), logprobs: z.array(z.unknown()) });
const status = z.enum(['in_progress', 'completed', 'incomplete']);
export const outputItemSchema = z.discriminatedUnion('type', [
	z.object({ type: z.literal('message'), id: z.string(), status, role: z.literal('assistant'), content: z.array(outputText) }),
	z.object({ type: z.literal('reasoning'), id: z.string(), status, summary: z.array(z.unknown()), content: z.array(z.object({ type: z.literal('reasoning_text'), text: z.string() })) }),
	z.object({ type: z.literal('function_call'), id: z.string(), status, call_id: z.string(), name: z.string(), arguments: z.string().describe('JSON') })
]);
export type OutputItem = z.infer<typeof outputItemSchema>;

export const responseUsageSchema = z.object({
	input_tokens: z.int(),
	input_tokens_details: z.object({ cached_tokens: z.int() }),
	output_tokens: z.int(),
	output_tokens_details: z.object({ reasoning_tokens: z.int() }),
	total_tokens: z.int()
});

/** OpenAI's response, of which nothing is kept. */
export const responseSchema = z.object({
	id: z.string(),
	object: z.literal('response'),
	created_at: z.int().describe('Seconds since 1970.'),
	status: z.enum(['in_progress', 'completed', 'incomplete', 'failed']),
	background: z.literal(false),
	error: z.object({ code: z.string(), message: z.string() }).nullable(),
	incomplete_details: z.object({ reason: z.literal('max_output_tokens') }).nullable(),
	instructions: z.string().nullable(),
	max_output_tokens: z.int().nullable(),
	metadata: z.record(z.string(), z.string()),
	model: z.string(),
	output: z.array(outputItemSchema),
	parallel_tool_calls: z.boolean(),
	previous_response_id: z.null(),
	reasoning: z.object({ effort: z.string().nullable(), summary: z.null() }),
	store: z.literal(false),
	temperature: z.number().nullable(),
	text: z.looseObject({ format: z.looseObject({ type: z.string() }) }),
	tool_choice: z.unknown(),
	tools: z.array(z.unknown()),
	top_p: z.number().nullable(),
	truncation: z.literal('disabled'),
	usage: responseUsageSchema.nullable()
});
export type ResponseObject = z.infer<typeof responseSchema>;

/** One event of its stream; `type` is also the event's name. */
export const responseEventSchema = z.looseObject({ type: z.string(), sequence_number: z.int() });
