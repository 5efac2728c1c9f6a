import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ChatEvent } from '../../contract/chat.ts';
import type { AppError } from '../errors.ts';
import { AnswerLog } from './answer-log.ts';

/** Milliseconds that an answer goes on without anybody following it. */
const unfollowedMs = 30_000;

/** One answer: a job that the server owns. Sockets follow it; they don't own it. */
export class LiveAnswer {
	readonly id = randomUUID();
	readonly userId: string;
	readonly conversationId: string | null;
	readonly #log = new AnswerLog();
	readonly #controller = new AbortController();
	readonly #begun = Promise.withResolvers<void>();
	#waiting: (() => void)[] = [];
	#followers = 0;
	#unfollowed: NodeJS.Timeout | undefined;
	/** whether anybody can have been told of it: it has begun, or was not waited for any longer */
	isKnown = false;
	done = false;

	constructor(userId: string, conversationId: string | null) {
		this.userId = userId;
		this.conversationId = conversationId;
		this.#begun.promise.catch(() => undefined); // a refusal is for who waits, if anybody does
	}

	get signal(): AbortSignal {
		return this.#controller.signal;
	}

	tell(event: ChatEvent): void {
		this.#log.push(event);
		if (event.type !== 'accepted' && event.type !== 'progress') {
			this.isKnown = true;
			this.#begun.resolve();
		}
		for (const wake of this.#waiting.splice(0)) wake();
	}

	/** Tells the last event. */
	end(event: Extract<ChatEvent, { type: 'finish' }>): void {
		this.done = true;
		clearTimeout(this.#unfollowed);
		this.tell(event);
	}

	/** It ends before anybody was told of it. */
	refuse(error: AppError): void {
		this.done = true;
		this.#begun.reject(error);
	}

	/** @param reason an AppError to end it with; without one it was cancelled */
	stop(reason?: AppError): void {
		this.#controller.abort(reason);
	}

	/**
	 * Resolves when the engine has begun to answer, or after `patienceMs`: 0 = what is refused at once is still seen.
	 * From then on it must be followed. @throws AppError when it was refused before
	 */
	async begun(patienceMs: number): Promise<void> {
		let timer: NodeJS.Timeout | undefined;
		const late = patienceMs === 0 ? nextTurn() : new Promise<void>((resolve) => (timer = patienceMs === Infinity ? undefined : setTimeout(resolve, patienceMs)));
		await Promise.race([this.#begun.promise, late]).finally(() => clearTimeout(timer));
		this.isKnown = true;
		if (this.#followers === 0 && !this.done) this.#armUnfollowed();
	}

	/** Once `opened`: what comes after `lastId` (0 = the start), then what is told, until the end or until the signal fires. */
	async *follow(opened: Promise<void>, lastId: number, signal: AbortSignal): AsyncGenerator<{ id: number; event: ChatEvent }, void, void> {
		this.#followers++;
		clearTimeout(this.#unfollowed);
		const wakeAll = () => this.#waiting.splice(0).forEach((wake) => wake());
		signal.addEventListener('abort', wakeAll);
		try {
			await opened;
			for (const cursor = this.#log.from(lastId); !signal.aborted; ) {
				const row = this.#log.next(cursor);
				if (row) yield row;
				else if (this.done) return;
				else await new Promise<void>((wake) => this.#waiting.push(wake));
			}
		} finally {
			signal.removeEventListener('abort', wakeAll);
			if (--this.#followers === 0 && !this.done) this.#armUnfollowed();
		}
	}

	#armUnfollowed(): void {
		this.#unfollowed = setTimeout(() => this.stop(), unfollowedMs);
		this.#unfollowed.unref();
	}
}
