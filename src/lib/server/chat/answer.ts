import { randomUUID } from 'node:crypto';
import type { ChatEvent, ChatRequest, ChatUsage, FinishReason } from '../../contract/chat.ts';
import type { Identity } from '../auth/identity.ts';
import { AppError, appErrorOf } from '../errors.ts';
import { events } from '../events.ts';
import { shutdownSignal } from '../lifecycle.ts';
import { logger } from '../logs/logger.ts';
import { singleton } from '../singleton.ts';
import type { Asker } from './engine.ts';
import { recordExchange, type Exchange } from './record.ts';
import { routeModel } from './route.ts';

/** How long an answer that nobody follows goes on, and how long a finished one can still be followed. */
const limits = { unfollowedMs: 30_000, keptMs: 60_000 };
const log = logger('chat');

/** One answer: a job that the server owns. Sockets follow it; they don't own it. */
class Answer {
	readonly id = randomUUID();
	readonly userId: string;
	readonly conversationId: string | null;
	readonly rows: ChatEvent[] = [];
	readonly #controller = new AbortController();
	#waiting: (() => void)[] = [];
	#followers = 0;
	#unfollowed: NodeJS.Timeout | undefined;
	done = false;

	constructor(userId: string, conversationId: string | null) {
		this.userId = userId;
		this.conversationId = conversationId;
		this.#armUnfollowed();
	}

	get signal(): AbortSignal {
		return this.#controller.signal;
	}

	push(event: ChatEvent): void {
		this.rows.push(event);
		if (event.type === 'finish') {
			this.done = true;
			clearTimeout(this.#unfollowed);
		}
		for (const wake of this.#waiting.splice(0)) wake();
	}

	stop(): void {
		this.#controller.abort();
	}

	/** Rows from `after` on, then live ones, until the last; ends early when the follower's signal fires. */
	async *follow(after: number, signal: AbortSignal): AsyncGenerator<{ id: number; event: ChatEvent }> {
		this.#followers++;
		clearTimeout(this.#unfollowed);
		const wakeAll = () => this.#waiting.splice(0).forEach((wake) => wake());
		signal.addEventListener('abort', wakeAll);
		try {
			for (let next = after; !signal.aborted; ) {
				const event = this.rows[next];
				if (event) yield { id: ++next, event };
				else if (this.done) return;
				else await new Promise<void>((wake) => this.#waiting.push(wake));
			}
		} finally {
			signal.removeEventListener('abort', wakeAll);
			if (--this.#followers === 0 && !this.done) this.#armUnfollowed();
		}
	}

	#armUnfollowed(): void {
		this.#unfollowed = setTimeout(() => this.stop(), limits.unfollowedMs);
		this.#unfollowed.unref();
	}
}

const answers = singleton('answers', () => new Map<string, Answer>());

/** The number of answers under way: B's `active_streams`. */
export const activeAnswers = (): number => [...answers.values()].filter((answer) => !answer.done).length;

/** Stops every answer under way; the server is stopping. */
export function stopAnswers(): void {
	for (const answer of answers.values()) answer.stop();
}

/**
 * Starts an answer and returns at once. Everything after this is told by {@link followAnswer}.
 * @throws AppError VALIDATION_ERROR without a model, MODEL_NOT_FOUND, CONVERSATION_NOT_FOUND
 */
export async function startAnswer(
	request: ChatRequest,
	who: { identity: Identity; requestId: string; priority: Asker['priority'] },
	signal: AbortSignal
): Promise<{ answerId: string; conversationId: string | null }> {
	const engine = await routeModel(request.model, signal);
	const exchange = recordExchange(request, who.identity.userId, engine.model);
	const answer = new Answer(who.identity.userId, exchange.conversationId);
	answers.set(answer.id, answer);
	answer.push({ type: 'accepted', conversationId: exchange.conversationId, answerId: answer.id, model: engine.model });
	events.emit('answer:started', { answerId: answer.id, model: engine.model, userId: answer.userId });
	const asker: Asker = { userId: answer.userId, requestId: who.requestId, priority: who.priority };
	const stream = engine.stream(request, asker, AbortSignal.any([answer.signal, shutdownSignal()]));
	void run(answer, stream, exchange, { ...who, model: engine.model });
	return { answerId: answer.id, conversationId: exchange.conversationId };
}

/** Drives one answer to its end: every event to the followers, the exchange to the database, then `finish`. */
async function run(
	answer: Answer,
	stream: AsyncIterable<ChatEvent>,
	exchange: Exchange,
	about: { identity: Identity; requestId: string; model: string }
): Promise<void> {
	const startedAt = performance.now();
	let usage: ChatUsage | undefined;
	let finish: FinishReason = 'error';
	let failure: AppError | undefined;
	try {
		for await (const event of stream) {
			if (event.type === 'finish') finish = event.reason;
			else {
				if (event.type === 'usage') usage = event;
				exchange.add(event);
				answer.push(event);
			}
		}
	} catch (thrown) {
		finish = answer.signal.aborted ? 'cancelled' : 'error';
		if (finish === 'error') failure = shownFailure(thrown, about.requestId);
	}
	const durationMs = Math.round(performance.now() - startedAt);
	try {
		exchange.close({ finish, usage, durationMs, error: failure?.message });
	} catch (thrown) {
		failure = shownFailure(thrown, about.requestId);
		finish = 'error';
	}
	if (failure) answer.push({ type: 'error', code: failure.code, message: failure.message, ...(failure.details ? { details: failure.details } : {}) });
	answer.push({ type: 'finish', reason: finish });
	events.emit('answer:done', {
		answerId: answer.id, model: about.model, userId: answer.userId, username: about.identity.username, requestId: about.requestId,
		promptTokens: usage?.promptTokens ?? 0, completionTokens: usage?.completionTokens ?? 0, cachedTokens: usage?.cachedTokens ?? 0,
		timeToFirstTokenMs: usage?.timeToFirstTokenMs ?? null, durationMs, tokensPerSecond: usage?.tokensPerSecond ?? null, finish
	});
	setTimeout(() => answers.delete(answer.id), limits.keptMs).unref();
}

function shownFailure(thrown: unknown, requestId: string): AppError {
	const app = appErrorOf(thrown);
	if (app) return app;
	log.error({ requestId, err: thrown instanceof Error ? { message: thrown.message, stack: thrown.stack } : String(thrown) }, 'Answer failed');
	return new AppError('INTERNAL_ERROR', 'Internal error', { details: `The server's log has it under request ${requestId}` });
}

/** @throws AppError NOT_FOUND also for another user's answer, which must not be told apart from none */
function answerOf(answerId: string, userId: string): Answer {
	const answer = answers.get(answerId);
	if (!answer || answer.userId !== userId) throw new AppError('NOT_FOUND', 'There is no such answer; it may have ended more than a minute ago');
	return answer;
}

/** The answer's events with rising ids, from after `lastEventId` (0 = its start) to `finish`. */
export function followAnswer(answerId: string, userId: string, lastEventId: number, signal: AbortSignal): AsyncGenerator<{ id: number; event: ChatEvent }> {
	return answerOf(answerId, userId).follow(lastEventId, signal);
}

/** Cancels the answer: queued, loading, reading the prompt or decoding. Its followers get `finish`. */
export function stopAnswer(answerId: string, userId: string): void {
	answerOf(answerId, userId).stop();
}
