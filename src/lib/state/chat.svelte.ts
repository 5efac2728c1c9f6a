import { trpc } from '#lib/trpc.ts';
import { conversations } from './conversations.svelte.ts';
import { failureOf, type Failure } from './failure.ts';
import { forgetPending, keepPending, pendingAnswerIn, type PendingAnswer } from './pending-answers.ts';
import { answerOf, applyEvent, isUnderWay, messagesFrom, promptOf, questionOf, resetAnswer, type ViewMessage } from './transcript.ts';

/** One conversation on the page: its messages, and the answer under way, which the server owns and this follows. */
export class Chat {
	/** null until the first message was taken */
	conversationId = $state<string | null>(null);
	messages = $state<ViewMessage[]>([]);
	/** reading the stored messages */
	opening = $state(false);
	/** why the conversation could not be read, or the last message not be taken */
	failure = $state<Failure | null>(null);
	answering = $derived(isUnderWay(this.messages.at(-1)));

	#answerId: string | null = null;
	#stopAsked = false;
	#subscription: { unsubscribe(): void } | undefined;

	constructor(conversationId: string | null) {
		this.conversationId = conversationId;
		if (conversationId !== null) void this.open(conversationId);
	}

	/** Reads the stored messages; an answer that was under way in this tab goes on. */
	async open(conversationId: string): Promise<void> {
		this.opening = true;
		this.failure = null;
		try {
			const { messages: rows } = await trpc.conversations.get.query({ id: conversationId });
			const pending = pendingAnswerIn(conversationId);
			if (pending && rows.length < pending.before + 2) {
				this.messages = [...messagesFrom(rows.slice(0, pending.before)), questionOf(pending.question), answerOf(null)];
				this.#follow(pending);
			} else {
				this.messages = messagesFrom(rows);
				if (pending) forgetPending(pending.answerId);
			}
		} catch (thrown) {
			this.failure = failureOf(thrown);
		}
		this.opening = false;
	}

	/**
	 * Asks, and follows the answer. False: the server did not take the message; `failure` tells why and the page is as before.
	 * Resolves when the answer has started, not when it has ended.
	 */
	async send(text: string, model: string): Promise<boolean> {
		if (this.answering) return false;
		this.failure = null;
		this.#stopAsked = false;
		const before = this.messages.length;
		this.messages.push(questionOf(text), answerOf(model));
		try {
			const { answerId, conversationId } = await trpc.chat.start.mutate({
				model,
				messages: promptOf(this.messages.slice(0, -1)),
				conversationId: this.conversationId
			});
			if (conversationId === null) throw new Error('The server kept no conversation');
			this.conversationId = conversationId;
			const pending = { answerId, conversationId, question: text, before };
			keepPending(pending);
			this.#follow(pending);
			if (this.#stopAsked) await this.stop();
			void conversations.refresh();
			return true;
		} catch (thrown) {
			this.messages.length = before;
			this.failure = failureOf(thrown);
			return false;
		}
	}

	/** Cancels the answer, also one whose start is still on its way. What was said so far stays. */
	async stop(): Promise<void> {
		if (!this.answering) return;
		this.#stopAsked = true;
		if (this.#answerId === null) return;
		try {
			await trpc.chat.stop.mutate({ answerId: this.#answerId });
		} catch (thrown) {
			this.failure = failureOf(thrown);
		}
	}

	/** Follows from the answer's start: what a reload forgot comes again, and nothing is lost. */
	#follow(pending: PendingAnswer): void {
		const answer = this.messages.at(-1)!;
		let started = false;
		this.#answerId = pending.answerId;
		this.#subscription = trpc.chat.events.subscribe(
			{ answerId: pending.answerId },
			{
				onData: ({ data: event }) => {
					if (!started) resetAnswer(answer);
					started = true;
					applyEvent(answer, event);
					if (event.type === 'finish') this.#end(pending);
				},
				onError: (thrown) => void this.#lost(pending, answer, failureOf(thrown))
			}
		);
	}

	#end(pending: PendingAnswer): void {
		this.#subscription?.unsubscribe();
		this.#answerId = null;
		forgetPending(pending.answerId);
		void conversations.refresh();
	}

	/** The server no longer tells this answer: it ended long ago and was stored, or the server was started anew and it is gone. */
	async #lost(pending: PendingAnswer, answer: ViewMessage, failure: Failure): Promise<void> {
		this.#end(pending);
		try {
			const { messages: rows } = await trpc.conversations.get.query({ id: pending.conversationId });
			if (rows.length >= pending.before + 2) {
				this.messages = messagesFrom(rows);
				return;
			}
		} catch {
			// Then the first failure is the one to tell.
		}
		answer.failure = failure;
		answer.finish = 'error';
	}
}
