import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Behaviour, FakeModel, Fault, SeenChat } from './behaviour.ts';
import { exampleOf, type Schema } from './example.ts';
import { errorBody, sendJson, type Fake } from './server.ts';

type Message = { role: string; content: unknown };
type ToolCall = { index: number; id: string; type: 'function'; function: { name: string; arguments: string } };
/** with `reasoning` or `reasoning_content` as well */
type Delta = Record<string, unknown> & { content?: string };
type Answer = { tokens: Iterable<string>; thoughts: string[]; toolCall: ToolCall | undefined; finish: 'stop' | 'length' | 'tool_calls'; promptTokens: number };

const textOf = (content: unknown): string =>
	typeof content === 'string' ? content : Array.isArray(content) ? content.map((part: { text?: string }) => part.text ?? '').join('') : '';

/** Requests remembered: long runs must not fill the memory. */
const keptChats = 2000;

/** As many tokens as words, to have something that both sides can count. */
const wordsOf = (text: string) => text.match(/\S+\s*/g) ?? [];

/** The next chat's fault; one that was meant for a number of chats is used up. */
function takeFault(behaviour: Behaviour): Fault {
	if (behaviour.fault === 'none' || behaviour.times <= 0) return 'none';
	behaviour.times--;
	return behaviour.fault;
}

/** Loads the model on its first request; requests that come while it loads load further copies, as LM Studio does. */
async function loadJustInTime({ behaviour, counts }: Fake, model: FakeModel): Promise<void> {
	if ((counts.instances[model.key] ?? 0) > 0) return;
	await sleep(behaviour.loadMs);
	counts.instances[model.key] = (counts.instances[model.key] ?? 0) + 1;
}

function* endlessly(word: string): Generator<string> {
	for (;;) yield word;
}

function answerTo(behaviour: Behaviour, model: FakeModel, body: Record<string, unknown>): Answer {
	const messages = body.prompt === undefined ? (body.messages as Message[]) : [{ role: 'user', content: body.prompt }];
	const said = textOf(messages.findLast((message) => message.role === 'user')?.content);
	const tool = (body.tools as { function: { name: string; parameters?: Schema } }[] | undefined)?.[0];
	const toolCall = tool && body.tool_choice !== 'none' && messages.at(-1)?.role === 'user'
		? { index: 0, id: '365174485', type: 'function' as const, function: { name: tool.function.name, arguments: JSON.stringify(exampleOf(tool.function.parameters ?? { properties: { text: { type: 'string' } } }, said)) } }
		: undefined;
	const { json_schema: asked } = (body.response_format ?? {}) as { json_schema?: { schema: Schema } };
	const whole = toolCall ? [] : asked ? [JSON.stringify(exampleOf(asked.schema, said))] : (behaviour.reply ?? wordsOf(`${behaviour.name} says ${said}`));
	const limit = typeof body.max_tokens === 'number' && body.max_tokens >= 0 ? body.max_tokens : Infinity;
	return {
		tokens: model.endless ? endlessly('on ') : whole.slice(0, limit),
		thoughts: behaviour.reasoning ? ['Let me ', 'think.'] : [],
		toolCall,
		finish: toolCall ? 'tool_calls' : whole.length > limit ? 'length' : 'stop',
		promptTokens: messages.reduce((sum, message) => sum + wordsOf(textOf(message.content)).length, 0)
	};
}

const usageOf = (answer: Answer, sent: number) => ({ prompt_tokens: answer.promptTokens, completion_tokens: sent, total_tokens: answer.promptTokens + sent });

/** `POST /v1/chat/completions` and, for a raw prompt, `/v1/completions`, streamed or not. */
export async function serveChat(fake: Fake, request: IncomingMessage, response: ServerResponse, body: Record<string, unknown>): Promise<void> {
	const { behaviour, counts } = fake;
	const seen: SeenChat = { body, authorization: request.headers.authorization, tokensSent: 0, aborted: false, done: false };
	counts.chats.push(seen);
	if (counts.chats.length > keptChats) counts.chats.shift();
	counts.active++;
	response.on('close', () => {
		counts.active--;
		seen.done = true;
		seen.aborted = !response.writableFinished;
	});
	const refuse = (status: number, message: string) => sendJson(response, status, errorBody(behaviour, message));
	const format = (body.response_format as { type?: string } | undefined)?.type;
	if (format === 'json_object') return refuse(400, "'response_format.type' must be 'json_schema' or 'text'");
	if (typeof body.tool_choice === 'object') return refuse(400, "Invalid tool_choice type: 'object'. Supported string values: none, auto, required");
	const model = behaviour.models.find(({ key }) => key === body.model);
	if (!model) return refuse(404, `Model "${String(body.model)}" not found`);
	const fault = takeFault(behaviour);
	if (fault === 'hang') return;
	if (fault === 'refuse-400') return refuse(400, 'The request is not to our taste');
	if (fault === 'busy-429') return void (response.setHeader('retry-after', '7'), refuse(429, 'Too many requests'));
	if (fault === 'fail-500') return refuse(500, 'Something broke');
	if (fault === 'die' && behaviour.after === 0) process.exit(1);
	if (fault === 'cut' && behaviour.after === 0) return void request.socket.destroy();
	if (behaviour.headMs) await sleep(behaviour.headMs); // even 0 would cost a millisecond
	await loadJustInTime(fake, model);
	const answer = answerTo(behaviour, model, body);
	if (body.stream !== true && model.endless) return;
	if (body.stream !== true) return sendJson(response, 200, wholeAnswer(body, answer));
	response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
	response.flushHeaders();
	// Longer than the context: a stream of nothing (its bug 2339).
	if (fault === 'empty' || answer.promptTokens > (model.contextLength ?? 4096)) return void response.end();
	await stream(fake, response, body, answer, seen, fault);
}

const head = (body: Record<string, unknown>) => ({ id: 'chatcmpl-fake', created: Math.floor(Date.now() / 1000), model: body.model, system_fingerprint: body.model });

function wholeAnswer(body: Record<string, unknown>, answer: Answer): object {
	const tokens = [...answer.tokens];
	const same = { index: 0, logprobs: null, finish_reason: answer.finish };
	const usage = usageOf(answer, tokens.length);
	if (body.prompt !== undefined) return { ...head(body), object: 'text_completion', choices: [{ ...same, text: tokens.join('') }], usage };
	const message = { role: 'assistant', content: tokens.join(''), ...(answer.toolCall ? { tool_calls: [answer.toolCall] } : {}) };
	return { ...head(body), object: 'chat.completion', choices: [{ ...same, message }], usage, stats: {} };
}

async function stream({ behaviour }: Fake, response: ServerResponse, body: Record<string, unknown>, answer: Answer, seen: SeenChat, fault: Fault): Promise<void> {
	const same = head(body);
	const write = (data: object | string) => response.write(`data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`);
	const object = body.prompt === undefined ? 'chat.completion.chunk' : 'text_completion';
	const chunk = (delta: Delta, finish: string | null = null) =>
		write({ ...same, object, choices: [{ index: 0, ...(body.prompt === undefined ? { delta } : { text: delta.content ?? '' }), logprobs: null, finish_reason: finish }] });
	/** Whether the stream ends here. */
	const strikes = () => {
		if (fault === 'none' || seen.tokensSent < behaviour.after) return false;
		if (fault === 'die') process.exit(1);
		if (fault === 'cut') setTimeout(() => response.destroy(), 20); // what was written leaves before
		if (fault === 'error-frame') response.end(`event: error\ndata: ${JSON.stringify(errorBody(behaviour, 'The model has crashed'))}\n\n`);
		if (fault === 'garbage') response.end('data: <html>\n\n');
		if (fault === 'flood') flood(response);
		return true; // a stall just stays here
	};
	if (behaviour.reasoning) for (const thought of answer.thoughts) chunk({ [behaviour.reasoning]: thought });
	if (answer.toolCall) {
		const { arguments: args, name } = answer.toolCall.function;
		chunk({ role: 'assistant', tool_calls: [{ ...answer.toolCall, function: { name, arguments: '' } }] });
		for (const part of [args.slice(0, 4), args.slice(4)]) chunk({ tool_calls: [{ index: 0, function: { arguments: part } }] });
	}
	// Paced by the clock, not by the sum of sleeps: a busy machine does not slow the model down.
	const startedAt = performance.now();
	for (const token of answer.tokens) {
		if (strikes()) return;
		const due = startedAt + behaviour.tokenMs * (seen.tokensSent + 1) - performance.now();
		if (due > 0) await sleep(due);
		if (response.destroyed) return;
		chunk(seen.tokensSent === 0 ? { role: 'assistant', content: token } : { content: token });
		seen.tokensSent++;
	}
	if (strikes()) return;
	chunk({}, answer.finish);
	if (behaviour.usage && (body.stream_options as { include_usage?: boolean } | undefined)?.include_usage) write({ ...same, object, choices: [], usage: usageOf(answer, seen.tokensSent) });
	write('[DONE]');
	response.end();
}

/** An endless line: a reader that waits for its end runs out of memory. */
function flood(response: ServerResponse): void {
	response.write('data: ');
	const more = () => {
		while (!response.destroyed && response.write('x'.repeat(64 * 1024)));
	};
	response.on('drain', more);
	more();
}
