import { wholeContext } from '../contract/chat.ts';

type Members = Record<string, unknown>;

/** LM Studio's −1: to the context's end. */
const tokens = (limit: unknown) => (limit === -1 ? wholeContext : limit);

/**
 * `POST /v1/chat/completions` as the one chat request. What differs: an answer comes in one piece unless `stream` is true,
 * nothing is kept unless `store` is true, and −1 tokens means no limit. Everything is validated behind this.
 */
export function chatRequestOfOpenAi(body: unknown): unknown {
	if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
	const { stream, store, max_tokens, max_completion_tokens, ...members } = body as Members;
	return { ...members, stream: stream ?? false, store: store ?? false, max_tokens: tokens(max_tokens), max_completion_tokens: tokens(max_completion_tokens) };
}
