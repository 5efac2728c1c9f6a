import { refusalOf, unavailable } from './failure.ts';
import { openExchange, readBody } from './http-client.ts';
import type { Embedded, EmbeddingInput, UpstreamAddress, UpstreamLimits, UpstreamModel } from './provider.ts';

/** bytes of an answer at most: 2,048 vectors of 4,096 numbers in decimals */
const mostBytes = 192 * 1024 * 1024;

type Row = { index?: unknown; embedding?: unknown };

function vectorOf(embedding: unknown): string | undefined {
	// some send base64 whatever was asked for
	if (typeof embedding === 'string') return embedding.length > 0 && Buffer.from(embedding, 'base64').length % 4 === 0 ? embedding : undefined;
	if (!Array.isArray(embedding) || embedding.length === 0 || !embedding.every((value) => typeof value === 'number' && Number.isFinite(value))) return undefined;
	const floats = Buffer.alloc(embedding.length * 4);
	embedding.forEach((value: number, index) => floats.writeFloatLE(value, index * 4));
	return floats.toString('base64');
}

/** Reads OpenAI's list; undefined when it is not one of so many vectors of one length. */
function readEmbeddings(body: unknown, count: number): Embedded | undefined {
	const { data, usage } = (typeof body === 'object' && body !== null ? body : {}) as { data?: unknown; usage?: { prompt_tokens?: unknown } };
	if (!Array.isArray(data) || data.length !== count) return undefined;
	const vectors: string[] = [];
	(data as Row[]).forEach((row, place) => {
		const vector = vectorOf(row?.embedding);
		if (vector !== undefined) vectors[Number.isInteger(row.index) ? (row.index as number) : place] = vector;
	});
	if (vectors.length !== count || Object.keys(vectors).length !== count || vectors.some((vector) => vector.length !== vectors[0]!.length)) return undefined;
	const tokens = usage?.prompt_tokens;
	return { vectors, tokens: Number.isSafeInteger(tokens) && (tokens as number) > 0 ? (tokens as number) : 0 };
}

/**
 * `POST /v1/embeddings`. Floats are asked for: LM Studio and Ollama ignore the wish for base64, and a client that decoded their
 * floats as that would get vectors of a quarter of the length (openai-node's pull request 2150).
 * @throws UpstreamFailure
 */
export async function embedAt({ name, baseUrl, apiKey }: UpstreamAddress, model: UpstreamModel, inputs: EmbeddingInput[], { firstEventMs }: Pick<UpstreamLimits, 'firstEventMs'>, signal: AbortSignal): Promise<Embedded> {
	const body = JSON.stringify({ model: model.id, input: inputs, encoding_format: 'float' });
	const exchange = await openExchange({ name, method: 'POST', url: `${baseUrl}/v1/embeddings`, apiKey, body, headTimeoutMs: firstEventMs }, signal);
	try {
		const answer = await readBody(exchange, name, mostBytes, firstEventMs);
		if (exchange.status !== 200 || (typeof answer === 'object' && answer !== null && 'error' in answer && answer.error)) throw refusalOf(name, exchange.status, apiKey ? undefined : answer, exchange.headers['retry-after']);
		const embedded = readEmbeddings(answer, inputs.length);
		if (embedded) return embedded;
		throw unavailable(name, 'answers with something other than embeddings', { down: false });
	} finally {
		exchange.close();
	}
}
