import { trpc } from '#lib/trpc.ts';
import { connection } from './connection.svelte.ts';
import { conversations } from './conversations.svelte.ts';
import { failureOf, type Failure } from './failure.ts';
import { forgetPending, keepPending, pendingAnswerIn, type PendingAnswer } from './pending-answers.ts';
import { emptySetup, knownOptions, type ChatSetup } from './chat-setup.ts';
import { answerOf, applyEvent, branchOf, isUnderWay, messagesFrom, promptOf, questionOf, reconciled, resetAnswer, type StoredMessage, type ViewMessage } from './transcript.ts';

/** Where an answer is asked for: below `parentId` (absent: at the branch's end); the rest as in {@link PendingAnswer}. */
type Place = { parentId?: string | null } & Pick<PendingAnswer, 'below' | 'end'>;

const atTheEnd = { below: null, end: null };

/** One conversation on the page: its messages, and the answer under way, which the server owns and this follows. */
export class Chat {
	/** null until the first message was taken */
	conversationId = $state<string | null>(null);
	messages = $state<ViewMessage[]>([]);
	/** what the next answer is made with; change it with {@link setUp} */
	setup = $state.raw<ChatSetup>(emptySetup);
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
			const { rows, head, setup } = await storedChat(conversationId);
			const pending = pendingAnswerIn(conversationId);
			this.setup = setup;
			if (pending && !isStored(rows, head, pending)) {
				this.messages = [...messagesFrom(branchOf(rows, pending.below ?? head), rows), answerOf(null)];
				this.#follow(pending);
			} else {
				this.messages = messagesFrom(branchOf(rows, head), rows);
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
		const before = [...this.messages];
		this.messages.push(questionOf(text));
		return this.#ask(model, before, atTheEnd);
	}

	/** Answers the question before `answer` again, as a branch beside it. */
	regenerate = (answer: ViewMessage, model: string): Promise<void> =>
		this.#change(async () => {
			const at = this.#placeOf(answer);
			if (this.messages[at - 1]?.storedId === null) await this.#read();
			const before = [...this.messages];
			const question = before[at - 1];
			if (question?.role !== 'user' || question.storedId === null) return;
			this.messages = before.slice(0, at);
			await this.#ask(model, before, { parentId: question.storedId, below: question.storedId, end: before.at(-1)!.storedId });
		});

	/** Asks `question` in other words, as a branch beside it. False: it was not taken. */
	async edit(question: ViewMessage, text: string, model: string): Promise<boolean> {
		if (this.answering) return false;
		const before = [...this.messages];
		this.messages = [...before.slice(0, this.#placeOf(question)), questionOf(text)];
		return this.#ask(model, before, { parentId: question.parentId, ...atTheEnd });
	}

	/** Shows the branch that a stored message is in. */
	showBranch = (messageId: string): Promise<void> =>
		this.#change(async () => {
			await trpc.conversations.showBranch.mutate({ id: this.conversationId!, messageId });
			await this.#read();
		});

	/** Removes one message; what followed it follows the one before. */
	remove = (message: ViewMessage): Promise<void> =>
		this.#change(async () => {
			await trpc.conversations.removeMessage.mutate({ id: this.conversationId!, messageId: message.storedId! });
			await this.#read();
		});

	/** Keeps what the next answers are made with. */
	async setUp(setup: ChatSetup): Promise<void> {
		this.setup = setup;
		if (this.conversationId !== null) await trpc.conversations.update.mutate({ id: this.conversationId, ...setup });
	}

	#placeOf = (message: ViewMessage): number => this.messages.findIndex(({ id }) => id === message.id);

	/** What needs a conversation at rest. */
	async #change(work: () => Promise<void>): Promise<void> {
		if (this.answering || this.conversationId === null) return;
		this.failure = null;
		try {
			await work();
		} catch (thrown) {
			this.failure = failureOf(thrown);
		}
	}

	/** Brings what is shown to what is stored. */
	async #read(): Promise<void> {
		const { rows, head } = await storedChat(this.conversationId!);
		if (!this.answering) this.messages = reconciled(this.messages, messagesFrom(branchOf(rows, head), rows));
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
	async #ask(model: string, before: ViewMessage[], { parentId, below, end }: Place): Promise<boolean> {
		this.failure = null;
		this.#stopAsked = false;
		const { systemPrompt, options } = this.setup;
		const messages = promptOf(this.messages, systemPrompt);
		const isNew = this.conversationId === null;
		this.messages.push(answerOf(model));
		try {
			const { answerId, conversationId } = await trpc.chat.start.mutate({ ...options, model, messages, conversationId: this.conversationId, parentId });
			this.conversationId = conversationId!; // null is for what is not to be stored
			const pending = { answerId, conversationId: this.conversationId, below, end };
			keepPending(pending);
			this.#follow(pending);
			if (this.#stopAsked) await this.stop();
			if (isNew && this.setup !== emptySetup) await this.setUp(this.setup);
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
		// By its stored ids the exchange can be edited. Without the server there is nothing to edit either.
		void this.#read().catch(() => undefined);
	}

	/** The server no longer tells this answer: it ended long ago and was stored, or the server was started anew and it is gone. */
	async #lost(pending: PendingAnswer, answer: ViewMessage, failure: Failure): Promise<void> {
		this.#subscription?.unsubscribe();
		this.#answerId = null;
		forgetPending(pending.answerId);
		const stored = await storedChat(pending.conversationId).catch(() => null);
		if (stored && isStored(stored.rows, stored.head, pending)) {
			this.messages = messagesFrom(branchOf(stored.rows, stored.head), stored.rows);
			return;
		}
		answer.failure = failure;
		answer.finish = 'error';
	}
}

/** A conversation as the server has it. `head`: the end of the branch that is shown. */
async function storedChat(id: string): Promise<{ rows: StoredMessage[]; head: string | null; setup: ChatSetup }> {
	const { messages, headMessageId, systemPrompt, options } = await trpc.conversations.get.query({ id });
	return { rows: messages, head: headMessageId, setup: { systemPrompt, options: knownOptions(options) } };
}

/** Whether the answer stands at the branch's end: a question stands there from the answer's start. */
function isStored(rows: StoredMessage[], head: string | null, pending: PendingAnswer): boolean {
	const end = branchOf(rows, head).at(-1);
	return end?.role === 'assistant' && end.id !== pending.end;
}
