import type { ChatEvent, FinishReason } from '../../contract/chat.ts';
import { AppError, appErrorOf } from '../errors.ts';
import { Channel } from './channel.ts';
import type { EngineEvent, EngineTask } from './engine/protocol.ts';
import type { ModelSpec, PoolRequest, Priority } from './model-spec.ts';
import type { PoolFacts } from './pool-event.ts';
import type { QueueEntry } from './queue.ts';

type Progress = Extract<ChatEvent, { type: 'progress' }>;

/** Tokens that make one share unit, and the most units one request counts for. */
const unitTokens = 512;
const mostUnits = 16;
/** What an answer without a bound is taken for, in tokens. */
const usualAnswer = 1024;

function charactersOf(task: EngineTask): number {
	return task.type === 'embed' ? task.inputs.reduce((sum, input) => sum + input.length, 0) : task.documents.reduce((sum, document) => sum + document.length + task.query.length, 0);
}

/** Share units of a request, from its length: four characters are about one token. */
export function costOf(request: PoolRequest): number {
	if (request.task) return Math.min(mostUnits, Math.max(1, Math.ceil(charactersOf(request.task) / 4 / unitTokens)));
	const characters = request.messages.reduce((sum, message) => sum + message.content.length, request.prompt?.length ?? 0);
	const tokens = characters / 4 + Math.min(request.options.maxTokens, usualAnswer);
	return Math.min(mostUnits, Math.max(1, Math.ceil(tokens / unitTokens)));
}

/** One request's way through the pool: what it was told, when, and how it ends. It ends exactly once. */
export class Ticket implements QueueEntry {
	readonly user: string;
	readonly priority: Priority;
	readonly cost: number;
	readonly since: number;
	readonly spec: ModelSpec;
	readonly request: PoolRequest;
	/** what the caller reads */
	readonly events = new Channel<EngineEvent>();
	phase: 'waiting' | 'prompt' | 'decoding' | 'done' = 'waiting';
	/** given back to the line once, after an engine ended before it said a word */
	retried = false;
	#stop = new AbortController();
	#told = '';
	#grantedAt: number | undefined;
	#firstTokenAt: number | undefined;
	#lastTokenAt = 0;
	#tokens = { promptTokens: 0, completionTokens: 0, cachedTokens: 0 };
	#now: () => number;
	#report: (facts: PoolFacts) => void;

	constructor(spec: ModelSpec, request: PoolRequest, now: () => number, report: (facts: PoolFacts) => void) {
		this.spec = spec;
		this.request = request;
		this.user = request.user;
		this.priority = request.priority;
		this.cost = costOf(request);
		this.#now = now;
		this.#report = report;
		this.since = now();
	}

	/** Fires when nobody wants the answer any more. */
	get signal(): AbortSignal {
		return this.#stop.signal;
	}

	get waitedMs(): number {
		return (this.#grantedAt ?? this.#now()) - this.since;
	}

	/** Milliseconds since the slot was given. */
	get servedMs(): number {
		return this.#now() - (this.#grantedAt ?? this.#now());
	}

	/** Passes a state on while it waits, unless it was the last thing told. */
	tell(progress: Progress): void {
		const told = JSON.stringify(progress);
		if (told === this.#told) return;
		this.#told = told;
		this.events.push(progress);
	}

	granted(): void {
		this.phase = 'prompt';
		this.#grantedAt = this.#now();
		this.#report({ type: 'granted', user: this.user, waitedMs: this.waitedMs });
	}

	waitAgain(): void {
		this.phase = 'waiting';
		this.retried = true;
		this.#told = '';
		this.#report({ type: 'retried', user: this.user });
	}

	/** Passes one of the engine's events on; the times of `usage` count from when the request came. */
	deliver(event: EngineEvent): void {
		if (this.phase === 'done') return;
		if (event.type === 'text' || event.type === 'reasoning' || event.type === 'toolCall') this.#noteToken();
		if (event.type !== 'usage') return this.events.push(event);
		const usage = {
			...event,
			timeToFirstTokenMs: this.#firstTokenAt === undefined ? null : this.#firstTokenAt - this.since,
			queueMs: this.waitedMs,
			durationMs: this.#now() - this.since
		};
		this.events.push(usage);
		this.#tokens = { promptTokens: event.promptTokens, completionTokens: event.completionTokens, cachedTokens: event.cachedTokens };
	}

	/** The engine's stream has ended well. */
	end(reason: FinishReason): void {
		if (this.phase === 'done') return;
		this.phase = 'done';
		this.events.end();
		this.#report({ type: 'finished', user: this.user, reason, durationMs: this.#now() - this.since, ...this.#tokens });
	}

	/** Ends it with an error: thrown to the reader as long as nothing of the answer was passed on, else an event and `finish`. */
	fail(thrown: unknown): void {
		if (this.phase === 'done') return;
		if (this.#firstTokenAt === undefined) {
			this.events.fail(thrown);
		} else {
			const error = appErrorOf(thrown) ?? new AppError('INTERNAL_ERROR', 'The answer was stopped by an internal error');
			this.events.push({ type: 'error', code: error.code, message: error.message, ...(error.details === undefined ? {} : { details: error.details }) });
			this.events.push({ type: 'finish', reason: 'error' });
		}
		this.end('error');
	}

	/** Nobody wants the answer any more. One that runs ends with what the engine still says; one that waits ends here. */
	cancel(modelIsLoading: boolean): void {
		if (this.phase === 'done' || this.#stop.signal.aborted) return;
		const phase = this.phase === 'waiting' ? (modelIsLoading ? 'loading' : 'queued') : this.phase;
		this.#stop.abort();
		this.#report({ type: 'cancelled', user: this.user, phase });
		if (this.phase === 'waiting') this.endCancelled();
	}

	endCancelled(): void {
		if (this.phase === 'done') return;
		this.events.push({ type: 'finish', reason: 'cancelled' });
		this.end('cancelled');
	}

	#noteToken(): void {
		const now = this.#now();
		if (this.#firstTokenAt === undefined) {
			this.#firstTokenAt = now;
			this.phase = 'decoding';
			this.#report({ type: 'firstToken', user: this.user, sinceStartMs: now - this.since });
		} else this.#report({ type: 'nextToken', sinceLastMs: now - this.#lastTokenAt });
		this.#lastTokenAt = now;
	}
}
