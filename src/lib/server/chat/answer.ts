import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ChatEvent, ChatRequest, ChatUsage, FinishReason } from '../../contract/chat.ts';
import type { Identity } from '../auth/identity.ts';
import { AppError, appErrorOf } from '../errors.ts';
import { events } from '../events.ts';
import { logger } from '../logs/logger.ts';
import { singleton } from '../singleton.ts';
import type { ChatEngine } from './engine.ts';
import { LiveAnswer } from './live-answer.ts';
import { paceOf } from './pace.ts';
import { planExchange, type Exchange } from './record.ts';
import { routeModel } from './route.ts';

const log = logger('chat');

/**
 * Who asks, and how they listen. `request`: over the connection they asked on; a refusal within the first second has its
 * true status, or until the end when they wait for the whole answer. `page`: whenever it likes, also again after a reload.
 */
export type Asking = { identity: Identity; requestId: string; manner: 'request' | 'page' };

const headDelayMs = 1000;
/** Milliseconds a finished answer can still be followed. */
const keptMs = { request: 1000, page: 60_000 };

/** `opened`: settles when somebody may be told of it, or with why it was refused before. `ended` never rejects. */
type Running = { answer: LiveAnswer; opened: Promise<void>; ended: Promise<void> };
const answers = singleton('answers', () => new Map<string, Running>());

/** Stops every answer under way and resolves when what there is of them is kept: the server is stopping. */
export async function stopAnswers(): Promise<void> {
	const stopping = new AppError('QUEUE_FULL', 'The server is stopping', { retryAfterSeconds: 5 });
	for (const { answer } of answers.values()) answer.stop(stopping);
	await Promise.all([...answers.values()].map(({ ended }) => ended));
}

/**
 * Starts an answer; {@link followAnswer} tells it. When this throws nothing was kept. A signal that fires before anybody is told of
 * the answer stops it.
 * @throws AppError VALIDATION_ERROR without a model, MODEL_NOT_FOUND, CONVERSATION_NOT_FOUND, and for a page the engine's refusals: who
 * asks over a connection meets those where the answer is followed, which it can prepare meanwhile
 */
export async function startAnswer(request: ChatRequest, asking: Asking, signal: AbortSignal): Promise<{ answerId: string; conversationId: string | null }> {
	const engine = await routeModel(request.model, signal);
	const exchange = planExchange(request, asking.identity.userId, engine.model);
	const { conversationId } = exchange;
	const answer = new LiveAnswer(asking.identity.userId, conversationId);
	answer.tell({ type: 'accepted', conversationId, answerId: answer.id, model: engine.model });
	const ended = run(answer, engine, request, exchange, asking);
	const patienceMs = asking.manner === 'page' ? 0 : request.stream ? headDelayMs : Infinity;
	const opened = open(answer, exchange, patienceMs, signal);
	answers.set(answer.id, { answer, opened, ended });
	if (asking.manner === 'page') await opened;
	else opened.catch(() => undefined); // told to the follower
	return { answerId: answer.id, conversationId };
}

/** Waits for the answer to begin, at most `patienceMs` (Infinity: whoever waits so long is told nothing before its end), and keeps the question. */
async function open(answer: LiveAnswer, exchange: Exchange, patienceMs: number, signal: AbortSignal): Promise<void> {
	const leave = () => answer.stop();
	if (signal.aborted) leave();
	signal.addEventListener('abort', leave, { once: true });
	try {
		await answer.begun(patienceMs);
		if (patienceMs !== Infinity) exchange.open();
	} catch (thrown) {
		answer.stop();
		throw thrown;
	} finally {
		signal.removeEventListener('abort', leave);
	}
}

/** Drives one answer to its end: every event to the followers, the exchange to the database, then `finish`. Never rejects. */
async function run(answer: LiveAnswer, engine: ChatEngine, request: ChatRequest, exchange: Exchange, { identity, requestId, manner }: Asking): Promise<void> {
	const about = { answerId: answer.id, model: engine.model, userId: identity.userId, username: identity.username, requestId };
	const pace = paceOf(engine.model);
	let usage: ChatUsage | undefined;
	let finish: FinishReason = 'error';
	let stopString: string | undefined;
	let failure: AppError | undefined;
	let error: string | undefined;
	events.emit('answer:started', about);
	try {
		for await (const event of engine.stream(request, { userId: identity.userId, requestId, priority: request.priority ?? 'interactive', conversationId: exchange.conversationId }, answer.signal)) {
			pace.note(event);
			if (event.type === 'finish' && !event.choice) ({ reason: finish, stopString } = event);
			else {
				if (event.type === 'usage') usage = event;
				if (event.type === 'error') error = event.message;
				exchange.add(event);
				answer.tell(event);
			}
		}
	} catch (thrown) {
		if (answer.signal.aborted) finish = 'cancelled';
		else failure = shownFailure(thrown, requestId);
	}
	if (answer.signal.reason instanceof AppError) failure = answer.signal.reason;
	const { durationMs, phase } = pace;
	if (failure && !answer.isKnown) answer.refuse(failure);
	else {
		try {
			exchange.close({ finish: failure ? 'error' : finish, usage, durationMs, error: failure?.message ?? error });
		} catch (thrown) {
			failure = shownFailure(thrown, requestId);
		}
		if (failure) answer.tell(errorEvent(failure));
		answer.end(failure ? { type: 'finish', reason: 'error' } : { type: 'finish', reason: finish, ...(stopString === undefined ? {} : { stopString }) });
	}
	const done = {
		...about, phase, durationMs, finish: failure ? 'error' : finish,
		promptTokens: usage?.promptTokens ?? 0, completionTokens: usage?.completionTokens ?? 0, cachedTokens: usage?.cachedTokens ?? 0,
		timeToFirstTokenMs: usage?.timeToFirstTokenMs ?? null, tokensPerSecond: usage?.tokensPerSecond ?? null
	};
	await nextTurn(); // who follows the answer hears of its end first: counting and logging it takes a tenth of a millisecond
	events.emit('answer:done', done);
	log.info({ ...done, user: done.username }, `${done.model} answered with ${done.completionTokens} tokens in ${done.durationMs} ms (${done.finish})`);
	setTimeout(() => answers.delete(answer.id), keptMs[manner]).unref();
}

const errorEvent = ({ code, message, details }: AppError): ChatEvent => ({ type: 'error', code, message, ...(details ? { details } : {}) });

function shownFailure(thrown: unknown, requestId: string): AppError {
	const app = appErrorOf(thrown);
	if (app) return app;
	log.error({ requestId, err: thrown instanceof Error ? { message: thrown.message, stack: thrown.stack } : String(thrown) }, 'Answer failed');
	return new AppError('INTERNAL_ERROR', 'Internal error', { details: `The server's log has it under request ${requestId}` });
}

/** @throws AppError NOT_FOUND also for another user's answer, which must not be told apart from none */
function runningOf(answerId: string, userId: string): Running {
	const found = answers.get(answerId);
	if (!found || found.answer.userId !== userId) throw new AppError('NOT_FOUND', 'There is no such answer; it may have ended more than a minute ago');
	return found;
}

/** The answer's events with rising ids, from after `lastEventId` (0 = its start) to `finish`. @throws AppError as it was refused */
export function followAnswer(answerId: string, userId: string, lastEventId: number, signal: AbortSignal): AsyncGenerator<{ id: number; event: ChatEvent }, void, void> {
	const { answer, opened } = runningOf(answerId, userId);
	return answer.follow(opened, lastEventId, signal);
}

/** Cancels the answer: queued, loading, reading the prompt or decoding. Its followers get `finish`. */
export function stopAnswer(answerId: string, userId: string): void {
	runningOf(answerId, userId).answer.stop();
}

/** Cancels what is being answered in a conversation that goes away. */
export function stopAnswersIn(conversationId: string): void {
	for (const { answer } of answers.values()) if (answer.conversationId === conversationId) answer.stop();
}
