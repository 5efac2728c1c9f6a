import { createParser, type EventSourceMessage } from 'eventsource-parser';
import type { ChatEvent, ChatRequest } from '../../contract/chat.ts';
import { chunkDecoder, type ChunkDecoder } from './decode-chunks.ts';
import { embedAt } from './embed.ts';
import { wireRequest } from './encode-request.ts';
import { UpstreamFailure, errorTextOf, noListOf, refusalOf, timedOut, unavailable } from './failure.ts';
import { openExchange, readBody, type Exchange } from './http-client.ts';
import { readOpenAiList } from './model-lists.ts';
import type { Provider, UpstreamAddress, UpstreamLimits, UpstreamModel } from './provider.ts';

/** Bounds on what a server may send: its answers are foreign data. Bytes; characters for an event. */
const bounds = { list: 8 * 1024 * 1024, error: 64 * 1024, event: 1024 * 1024, answer: 64 * 1024 * 1024 };
const listTimeoutMs = 2000;

/** `GET path` as JSON, whatever its status: LM Studio says 200 to everything, so only the shape of the answer counts. */
export async function getJson({ name, baseUrl, apiKey }: UpstreamAddress, path: string, signal: AbortSignal): Promise<{ status: number; body: unknown }> {
	const exchange = await openExchange({ name, method: 'GET', url: baseUrl + path, apiKey, headTimeoutMs: listTimeoutMs }, signal);
	try {
		return { status: exchange.status, body: await readBody(exchange, name, bounds.list, listTimeoutMs) };
	} finally {
		exchange.close();
	}
}

/** A server with OpenAI's API: llama-server, vLLM, Ollama, another instance of this one. */
export const openAiCompatible = (address: UpstreamAddress): Provider => ({
	async listModels(signal) {
		const { status, body } = await getJson(address, '/v1/models', signal);
		const models = readOpenAiList(body);
		if (models) return models;
		throw noListOf(address.name, status, body);
	},
	stream: (model, request, limits, signal) => streamCompletion(address, model, wireRequest(model.id, request), request, limits, signal),
	embed: (model, inputs, limits, signal) => embedAt(address, model, inputs, limits, signal)
});

/** `POST /v1/chat/completions`, or `/v1/completions` for a raw prompt, as events. */
export async function* streamCompletion(
	address: UpstreamAddress,
	model: UpstreamModel,
	body: Record<string, unknown>,
	request: ChatRequest,
	limits: UpstreamLimits,
	signal: AbortSignal
): AsyncGenerator<ChatEvent> {
	const { name, baseUrl, apiKey } = address;
	const startedAt = performance.now();
	const url = `${baseUrl}/v1/${request.prompt === undefined ? 'chat/completions' : 'completions'}`;
	const exchange = await openExchange({ name, method: 'POST', url, apiKey, body: JSON.stringify(body), headTimeoutMs: limits.firstEventMs }, signal);
	const decoder = chunkDecoder();
	let firstAt: number | undefined;
	let lastAt = startedAt;
	try {
		const streamed = exchange.status === 200 && /^text\/event-stream\b/i.test(exchange.headers['content-type'] ?? '');
		const source = streamed ? chunksOf(address, exchange, decoder, limits) : wholeAnswer(address, exchange, limits);
		for await (const chunk of source) {
			for (const event of decoder.read(chunk)) {
				lastAt = performance.now();
				firstAt ??= lastAt;
				yield event;
			}
		}
	} finally {
		exchange.close();
	}
	if (firstAt === undefined && decoder.finishes().size === 0) throw nothingSaid(name, model, request);
	yield { type: 'usage', ...usageOf(decoder, model, startedAt, firstAt, lastAt) };
	for (const [choice, reason] of decoder.finishes()) if (choice > 0) yield { type: 'finish', reason, choice };
	yield { type: 'finish', reason: decoder.finishes().get(0) ?? 'stop' };
}

function usageOf(decoder: ChunkDecoder, model: UpstreamModel, startedAt: number, firstAt: number | undefined, lastAt: number) {
	const told = decoder.usage() ?? { promptTokens: 0, completionTokens: 0, cachedTokens: 0, reasoningTokens: 0 };
	const seconds = (lastAt - (firstAt ?? lastAt)) / 1000;
	return {
		...told,
		contextLength: model.contextLength ?? 0,
		timeToFirstTokenMs: firstAt === undefined ? null : Math.round(firstAt - startedAt),
		queueMs: 0,
		durationMs: Math.round(performance.now() - startedAt),
		tokensPerSecond: told.completionTokens > 1 && seconds > 0 ? Math.round(((told.completionTokens - 1) / seconds) * 10) / 10 : null
	};
}

/** LM Studio answers an over-long prompt with 200 and a stream of nothing (its bug 2339). */
function nothingSaid(name: string, model: UpstreamModel, request: ChatRequest): UpstreamFailure {
	const estimate = Math.round(request.messages.reduce((sum, message) => sum + message.content.length, 0) / 4);
	if (model.contextLength !== null && estimate > model.contextLength)
		return new UpstreamFailure('CONTEXT_LENGTH_EXCEEDED', `The prompt of about ${estimate} tokens is longer than the ${model.contextLength} that ${model.id} holds at the upstream ${name}`, { elsewhere: true });
	return unavailable(name, 'ended its answer without a word', { down: false, details: 'It says nothing of the reason. A prompt longer than the loaded context is the usual one.' });
}

/** An error status, or an answer in one piece from a server that does not stream. */
async function* wholeAnswer({ name, apiKey }: UpstreamAddress, exchange: Exchange, limits: UpstreamLimits): AsyncGenerator<unknown> {
	const ok = exchange.status === 200;
	const body = await readBody(exchange, name, ok ? bounds.answer : bounds.error, ok ? limits.firstEventMs : 5000);
	if (ok && typeof body === 'object' && body !== null && 'choices' in body) yield body;
	else if (ok && !errorTextOf(body)) throw unavailable(name, 'answers with something other than a completion', { down: false });
	else throw refusalOf(name, exchange.status, withoutKey(body, apiKey), exchange.headers['retry-after']);
}

/** Error texts have been seen to repeat the key that was sent. */
const withoutKey = (body: unknown, apiKey: string | undefined) => (apiKey ? (errorTextOf(body) ?? '').replaceAll(apiKey, '[hidden]') : body);

/**
 * The stream's chunks up to `[DONE]`. Its first event may take as long as loading a model does, and a comment proves
 * life until then; afterwards only events do.
 * @param decoder what has been understood so far
 * @throws UpstreamFailure for an error in the stream, silence, and an end without a finish
 */
async function* chunksOf({ name, apiKey }: UpstreamAddress, exchange: Exchange, decoder: ChunkDecoder, limits: UpstreamLimits): AsyncGenerator<unknown> {
	const came: EventSourceMessage[] = [];
	let overrun = false;
	const parser = createParser({ onEvent: (event) => came.push(event), onError: ({ type }) => (overrun ||= type === 'max-buffer-size-exceeded'), maxBufferSize: bounds.event });
	const text = new TextDecoder();
	const giveUpAfter = (ms: number) => setTimeout(() => exchange.fail(timedOut(name, `has been silent for ${ms / 1000} s in its answer`)), ms);
	let silence = giveUpAfter(limits.firstEventMs);
	let begun = false;
	let size = 0;
	try {
		for await (const bytes of exchange.chunks()) {
			size += bytes.byteLength;
			parser.feed(text.decode(bytes, { stream: true }));
			if (overrun || size > bounds.answer) throw unavailable(name, 'sends an answer larger than any model writes', { down: false });
			if (!begun && came.length) {
				begun = true;
				clearTimeout(silence);
				silence = giveUpAfter(limits.stallMs);
			} else if (!begun || came.length) silence.refresh();
			for (const { event, data } of came.splice(0)) {
				if (data.startsWith('[DONE]')) return;
				const chunk = parse(name, data);
				if (event === 'error' || errorIn(chunk)) throw refusalOf(name, 200, withoutKey(chunk, apiKey), undefined);
				yield chunk;
			}
		}
	} finally {
		clearTimeout(silence);
	}
	if (begun && decoder.finishes().size === 0) throw unavailable(name, 'broke its answer off');
}

const errorIn = (chunk: unknown) => typeof chunk === 'object' && chunk !== null && 'error' in chunk && Boolean(chunk.error);

function parse(name: string, data: string): unknown {
	try {
		return JSON.parse(data);
	} catch {
		throw unavailable(name, 'sends a stream that is not JSON', { down: false });
	}
}
