import type { ChatEvent } from '../../contract/chat.ts';
import { chunkEncoder, completionOf, type AnswerHead } from '../../dialects/openai-chat.ts';
import { AppError } from '../errors.ts';
import type { EndpointInput } from './endpoint.ts';
import { commentFrame, dataFrame, sseResponse } from './sse.ts';

/** How long the head waits for the engine's word, so that a refusal keeps its true status even on a stream. */
const headDelayMs = 1000;

type Followed = { head: AnswerHead; conversationId: string | null; stop: () => void; rows: AsyncIterator<ChatEvent> };

/** Starts the answer and follows it; the client's leaving stops it at once. */
async function follow({ caller, body, event }: Pick<EndpointInput, 'caller' | 'body' | 'event'>): Promise<Followed> {
	const { answerId, conversationId } = await caller.chat.start(body);
	const stop = () => void caller.chat.stop({ answerId }).catch(() => undefined); // it may have ended in the meantime
	const { signal } = event.locals.context;
	if (signal.aborted) stop();
	else signal.addEventListener('abort', stop, { once: true });
	const stream = await caller.chat.events({ answerId });
	const rows = (async function* () {
		// In process a tracked row is the tuple [id, event, tag]; its type speaks of the wire.
		for await (const row of stream) yield (row as unknown as [string, ChatEvent])[1];
	})();
	const accepted = (await rows.next()).value as Extract<ChatEvent, { type: 'accepted' }>;
	return { head: { id: `chatcmpl-${answerId}`, created: Math.floor(Date.now() / 1000), model: accepted.model ?? '' }, conversationId, stop, rows };
}

const isWaiting = (row: ChatEvent) => row.type === 'progress' && row.phase !== 'prompt';
const thrown = (row: Extract<ChatEvent, { type: 'error' }>) => new AppError(row.code, row.message, row.details === undefined ? {} : { details: row.details });

/** Rows until the engine has taken the request up, at most for {@link headDelayMs}. @throws AppError when it refused it */
async function firstRows(rows: AsyncIterator<ChatEvent>): Promise<{ held: ChatEvent[]; next: Promise<IteratorResult<ChatEvent>> | undefined }> {
	const held: ChatEvent[] = [];
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<'late'>((resolve) => (timer = setTimeout(() => resolve('late'), headDelayMs)));
	try {
		for (;;) {
			const next = rows.next();
			const got = await Promise.race([next, late]);
			if (got === 'late') return { held, next };
			if (got.done) return { held, next: undefined };
			if (got.value.type === 'error') throw thrown(got.value);
			held.push(got.value);
			if (!isWaiting(got.value)) return { held, next: undefined };
		}
	} finally {
		clearTimeout(timer);
	}
}

/** What a waiting client is told in comments. */
function progressText(row: Extract<ChatEvent, { type: 'progress' }>): string {
	if (row.phase === 'queued') return `queued, place ${row.position}`;
	if (row.phase === 'loading') return `loading the model, ${Math.round(row.fraction * 100)} %`;
	return `reading the prompt, ${row.processedTokens} of ${row.totalTokens} tokens`;
}

async function* framesOf(followed: Followed, first: Awaited<ReturnType<typeof firstRows>>, includeUsage: boolean): AsyncGenerator<string> {
	const encode = chunkEncoder(followed.head, includeUsage);
	const frames = (row: ChatEvent) => (row.type === 'progress' ? commentFrame(progressText(row)) : encode(row).map(dataFrame).join(''));
	let failed = false;
	const tell = function* (row: ChatEvent) {
		failed ||= row.type === 'error';
		const text = frames(row);
		if (text) yield text;
	};
	for (const row of first.held) yield* tell(row);
	for (let next = first.next ?? followed.rows.next(); ; next = followed.rows.next()) {
		const got = await next;
		if (got.done) break;
		yield* tell(got.value);
	}
	if (!failed) yield dataFrame('[DONE]');
}

/**
 * `POST /api/chat`: Server-Sent Events of OpenAI chunks, or with `stream: false` one `chat.completion`.
 * Both are the same server-owned answer, which leaving cancels.
 */
export async function chatResponse(input: Pick<EndpointInput, 'caller' | 'body' | 'event'>): Promise<Response> {
	const followed = await follow(input);
	const extra: Record<string, string> = followed.conversationId ? { 'x-conversation-id': followed.conversationId } : {};
	if (input.body?.stream === false) {
		const rows: ChatEvent[] = [];
		for (let got = await followed.rows.next(); !got.done; got = await followed.rows.next()) {
			if (got.value.type === 'error') throw thrown(got.value);
			rows.push(got.value);
		}
		return Response.json(completionOf(followed.head, rows), { headers: extra });
	}
	const first = await firstRows(followed.rows);
	return sseResponse(framesOf(followed, first, input.body?.stream_options?.include_usage === true), followed.stop, extra);
}
