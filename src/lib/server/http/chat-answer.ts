import type { ChatEvent } from '../../contract/chat.ts';
import type { AnswerHead } from '../../dialects/answer-dialect.ts';
import { AppError } from '../errors.ts';
import { shutdownSignal } from '../lifecycle.ts';
import type { Caller } from '../trpc/caller.ts';

/** An answer that the caller's connection follows; the connection's end is the answer's. */
export type FollowedAnswer = {
	head: AnswerHead;
	/** null when nothing is kept */
	conversationId: string | null;
	rows: AsyncIterableIterator<ChatEvent>;
	/** cancels it */
	stop: () => void;
};

/**
 * Starts the answer and follows it. Once `signal` fires it is cancelled, wherever it is.
 * @param body the request, not yet validated
 * @param procedure `complete`: the request is a raw prompt
 * @throws AppError, also an engine's refusal that came soon enough
 */
export async function followAnswer(caller: Caller, body: unknown, signal: AbortSignal, procedure: 'start' | 'complete' = 'start'): Promise<FollowedAnswer> {
	const { answerId, conversationId } = await caller.chat[procedure](body as never);
	const stop = () => void caller.chat.stop({ answerId }).catch(() => undefined); // it may have ended in the meantime
	if (signal.aborted) stop();
	else signal.addEventListener('abort', stop, { once: true });
	const stream = await caller.chat.events({ answerId });
	const rows = (async function* () {
		// In process a tracked row is the tuple [id, event, tag]; its type speaks of the wire.
		for await (const row of stream) yield (row as unknown as [string, ChatEvent])[1];
		signal.removeEventListener('abort', stop);
	})();
	const accepted = (await rows.next()).value as Extract<ChatEvent, { type: 'accepted' }> | undefined;
	return { head: { answerId, created: Math.floor(Date.now() / 1000), model: accepted?.model ?? '' }, conversationId, rows, stop };
}

/** Why an answer's rows ended without a finish while somebody may still read. */
const interrupted = () =>
	shutdownSignal().aborted ? new AppError('QUEUE_FULL', 'The server is stopping', { retryAfterSeconds: 5 }) : new AppError('UNAUTHORIZED', 'The session has ended; sign in and ask again');
const errorOf = ({ code, message, details }: Extract<ChatEvent, { type: 'error' }>) => new AppError(code, message, details === undefined ? {} : { details });

/** The whole answer. @throws AppError when it failed at any time: nothing has been sent yet */
export async function wholeAnswer(rows: AsyncIterable<ChatEvent>): Promise<ChatEvent[]> {
	const whole: ChatEvent[] = [];
	for await (const row of rows) {
		if (row.type === 'error') throw errorOf(row);
		whole.push(row);
	}
	if (whole.at(-1)?.type !== 'finish') throw interrupted();
	return whole;
}

/** Milliseconds between two comments about waiting, at least. */
const commentMs = 250;

/** What a waiting client is told in comments. */
function progressText(row: Extract<ChatEvent, { type: 'progress' }>): string {
	if (row.phase === 'queued') return `queued, place ${row.position}${row.estimateMs === undefined ? '' : `, about ${Math.ceil(row.estimateMs / 1000)} s`}`;
	if (row.phase === 'loading') return `loading the model, ${Math.round(row.fraction * 100)} %`;
	return `reading the prompt, ${row.processedTokens} of ${row.totalTokens} tokens`;
}

export type AnswerFrame<T> = { frames: T[] } | { comment: string } | { error: AppError };

/** The answer's events in a dialect's frames, as they come, those of one event together; an error is the last. Each transport adds its own end. */
export async function* answerFrames<T>(rows: AsyncIterable<ChatEvent>, encode: (event: ChatEvent) => T[]): AsyncGenerator<AnswerFrame<T>, void, void> {
	let commented = { text: '', at: -Infinity };
	let ended = false;
	for await (const row of rows) {
		if (row.type === 'error') return yield { error: errorOf(row) };
		ended ||= row.type === 'finish' && !row.choice;
		const frames = encode(row);
		if (frames.length) yield { frames };
		if (row.type !== 'progress' || (row.phase === 'prompt' && row.processedTokens === 0)) continue;
		const [text, now] = [progressText(row), performance.now()];
		if (text === commented.text || now - commented.at < commentMs) continue;
		commented = { text, at: now };
		yield { comment: text };
	}
	if (!ended) yield { error: interrupted() };
}
