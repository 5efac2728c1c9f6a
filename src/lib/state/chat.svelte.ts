import { trpc } from '#lib/trpc.ts';
import { connection } from './connection.svelte.ts';
import { conversations } from './conversations.svelte.ts';
import { failureOf, type Failure } from './failure.ts';
import { forgetPending, keepPending, pendingAnswerIn, type PendingAnswer } from './pending-answers.ts';
import { answerOf, applyEvent, branchOf, isUnderWay, messagesFrom, promptOf, questionOf, resetAnswer, type StoredMessage, type ViewMessage } from './transcript.ts';

/** Where an answer is asked for: below `parentId` (absent: at the branch's end), in place of the stored answer `replaces`. */
type Place = { parentId?: string; replaces: string | null };

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
			const branch = await storedBranch(conversationId);
			const pending = pendingAnswerIn(conversationId);
			if (pending && !isStored(branch, pending)) {
				this.messages = [...messagesFrom(branch.filter((row) => row.id !== pending.replaces)), answerOf(null)];
				this.#follow(pending);
			} else {
				this.messages = messagesFrom(branch);
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
		const before = $state.snapshot(this.messages);
		this.messages.push(questionOf(text));
		return this.#ask(model, before, { replaces: null });
	}

	/** Asks the last question again; the new answer takes the place of the last one. */
	async retry(model: string): Promise<void> {
		if (this.answering || this.conversationId === null) return;
		this.failure = null;
		try {
			const [question, answer] = (await storedBranch(this.conversationId)).slice(-2);
			if (question?.role !== 'user' || answer?.role !== 'assistant') return;
			const before = $state.snapshot(this.messages);
			this.messages.pop();
			await this.#ask(model, before, { parentId: question.id, replaces: answer.id });
		} catch (thrown) {
			this.failure = failureOf(thrown);
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

	/** Starts the answer to the messages as they are now. @param before what is shown again when the server refuses */
	async #ask(model: string, before: ViewMessage[], { parentId, replaces }: Place): Promise<boolean> {
		this.failure = null;
		this.#stopAsked = false;
		const messages = promptOf(this.messages);
		this.messages.push(answerOf(model));
		try {
			const { answerId, conversationId } = await trpc.chat.start.mutate({ model, messages, conversationId: this.conversationId, parentId });
			this.conversationId = conversationId!; // null is for what is not to be stored
			const pending = { answerId, conversationId: this.conversationId, replaces };
			keepPending(pending);
			this.#follow(pending);
			if (this.#stopAsked) await this.stop();
			void conversations.refresh();
			return true;
		} catch (thrown) {
			this.messages = before;
			this.failure = failureOf(thrown);
			return false;
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
				onError: (thrown) => void this.#lost(pending, answer, failureOf(thrown)),
				// A server that stops ends its subscriptions; what it kept of the answer is read from the next one.
				onComplete: () => void (this.#answerId === pending.answerId && connection.reopened().then(() => this.open(pending.conversationId)))
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
		const branch = await storedBranch(pending.conversationId).catch(() => []);
		if (isStored(branch, pending)) {
			this.messages = messagesFrom(branch);
			return;
		}
		answer.failure = failure;
		answer.finish = 'error';
	}
}

/** The branch that is shown, as the server has it. */
async function storedBranch(conversationId: string): Promise<StoredMessage[]> {
	const { messages, headMessageId } = await trpc.conversations.get.query({ id: conversationId });
	return branchOf(messages, headMessageId);
}

/** Whether the answer stands at the branch's end: a question stands there from the answer's start. */
function isStored(branch: StoredMessage[], { replaces }: PendingAnswer): boolean {
	const end = branch.at(-1);
	return end?.role === 'assistant' && end.id !== replaces;
}
