import { trpc } from '#lib/trpc.ts';
import { connection } from './connection.svelte.ts';
import { conversations } from './conversations.svelte.ts';
import { failureOf, type Failure } from './failure.ts';
import { forgetPending, keepPending, pendingAnswersIn, type PendingAnswer } from './pending-answers.ts';
import { emptySetup, knownOptions, type ChatSetup } from './chat-setup.ts';
import { answerOf, applyEvent, branchOf, isUnderWay, messagesFrom, promptOf, questionOf, reconciled, resetAnswer, type StoredMessage, type ViewMessage } from './transcript.ts';

/** Where an answer is asked for: below `parentId` (absent: at the branch's end); the rest as in {@link PendingAnswer}. */
type Place = { parentId?: string | null } & Pick<PendingAnswer, 'below' | 'end' | 'of'>;

/** An answer that is followed; without a conversation it is kept nowhere. */
type Followed = Omit<PendingAnswer, 'conversationId'> & { conversationId: string | null };
const isKept = (followed: Followed): followed is PendingAnswer => followed.conversationId !== null;

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
	/** the same conversation on another branch: another model's answer to the last question, to be seen beside this one's */
	beside = $state.raw<Chat | null>(null);
	/** whether anything of it answers */
	busy = $derived(this.answering || this.beside?.answering === true);

	#answerId: string | null = null;
	#stopAsked = false;
	#subscription: { unsubscribe(): void } | undefined;
	#store: boolean;
	/** the stored question that two models answer */
	#asked: string | null = null;

	/** @param store false: nothing of it is kept */
	constructor(conversationId: string | null, { store = true } = {}) {
		this.conversationId = conversationId;
		this.#store = store;
		if (conversationId !== null) void this.open(conversationId);
	}

	/** Reads the stored messages; an answer that was under way in this tab goes on. */
	async open(conversationId: string): Promise<void> {
		this.opening = true;
		this.failure = null;
		try {
			const { rows, head, setup } = await storedChat(conversationId);
			this.setup = setup;
			const isOver = (pending: PendingAnswer) => isStored(rows, head, pending);
			const pending = pendingAnswersIn(conversationId);
			for (const { answerId } of pending.filter(isOver)) forgetPending(answerId);
			const [first, second] = pending.filter((one) => !isOver(one));
			const resume = (chat: Chat, one: PendingAnswer) => {
				chat.messages = [...messagesFrom(branchOf(rows, one.below ?? head), rows), answerOf(null)];
				if (one.of !== undefined) chat.#asked = one.below;
				chat.#follow(one);
			};
			if (first) resume(this, first);
			else this.messages = messagesFrom(branchOf(rows, head), rows);
			if (second) resume((this.beside = this.#another()), second);
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

	/** Asks two models at once; the second one's answer is a branch beside the first one's. As {@link send}, which it is for the first. */
	async compare(text: string, model: string, other: string): Promise<boolean> {
		if (!(await this.send(text, model))) return false;
		const beside = (this.beside = this.#another());
		beside.messages = this.messages.slice(0, -1).map((message) => ({ ...message }));
		try {
			const { rows, head } = await storedChat(this.conversationId!);
			const question = branchOf(rows, head).findLast(({ role }) => role === 'user')!.id;
			for (const pending of pendingAnswersIn(this.conversationId!)) keepPending({ ...pending, below: question, of: model });
			this.#asked = beside.#asked = question;
			if (this.#stopAsked) this.beside = null;
			else await beside.#ask(other, [...beside.messages], { parentId: question, below: question, end: null, of: other });
		} catch (thrown) {
			beside.failure = failureOf(thrown);
		}
		return true;
	}

	/** Ends a comparison: goes on with this one's answer or the other's, which stays as a branch. */
	async goOnWith(chat: Chat): Promise<void> {
		const answer = chat.messages.at(-1);
		if (this.busy || answer?.role !== 'assistant') return;
		if (answer.storedId === null) await chat.#read();
		this.beside = null;
		this.#asked = null;
		await this.showBranch(answer.storedId!);
	}

	#another(): Chat {
		const chat = new Chat(null);
		chat.conversationId = this.conversationId;
		chat.setup = this.setup;
		return chat;
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
		if (this.answering) return;
		const own = this.#asked && rows.findLast(({ parentId, model }) => parentId === this.#asked && model === this.messages.at(-1)?.model)?.id;
		this.messages = reconciled(this.messages, messagesFrom(branchOf(rows, own || head), rows));
	}

	/** Cancels the answer, also one whose start is still on its way, and the one beside it. What was said so far stays. */
	async stop(): Promise<void> {
		void this.beside?.stop();
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
	async #ask(model: string, before: ViewMessage[], { parentId, below, end, of }: Place): Promise<boolean> {
		this.failure = null;
		this.#stopAsked = false;
		const { systemPrompt, options } = this.setup;
		const messages = promptOf(this.messages, systemPrompt);
		const isNew = this.conversationId === null;
		this.messages.push(answerOf(model));
		try {
			const { answerId, conversationId } = await trpc.chat.start.mutate({ ...options, model, messages, conversationId: this.conversationId, parentId, store: this.#store });
			this.conversationId = conversationId;
			const followed = { answerId, conversationId, below, end, ...(of === undefined ? {} : { of }) };
			if (isKept(followed)) keepPending(followed);
			this.#follow(followed);
			if (this.#stopAsked) await this.stop();
			if (isNew && this.setup !== emptySetup) await this.setUp(this.setup);
			if (isKept(followed)) void conversations.refresh();
			return true;
		} catch (thrown) {
			this.messages = before;
			this.failure = failureOf(thrown);
			return false;
		}
	}

	/** Follows from the answer's start: what a reload forgot comes again, and nothing is lost. */
	#follow(pending: Followed): void {
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
				onComplete: () => {
					if (this.#answerId !== pending.answerId) return;
					if (isKept(pending)) void connection.reopened().then(() => this.open(pending.conversationId));
					else void this.#lost(pending, answer, { code: 'UNREACHABLE', message: '' });
				}
			}
		);
	}

	#end(pending: Followed): void {
		this.#answerId = null; // before it ends: an end that nobody asked for is an interruption
		this.#subscription?.unsubscribe();
		if (!isKept(pending)) return;
		forgetPending(pending.answerId);
		void conversations.refresh();
		// By its stored ids the exchange can be edited. Without the server there is nothing to edit either.
		void this.#read().catch(() => undefined);
	}

	/** The server no longer tells this answer: it ended long ago and was stored, or the server was started anew and it is gone. */
	async #lost(pending: Followed, answer: ViewMessage, failure: Failure): Promise<void> {
		this.#answerId = null;
		this.#subscription?.unsubscribe();
		if (isKept(pending)) {
			forgetPending(pending.answerId);
			const stored = await storedChat(pending.conversationId).catch(() => null);
			if (stored && isStored(stored.rows, stored.head, pending)) {
				this.messages = messagesFrom(branchOf(stored.rows, stored.head), stored.rows);
				return;
			}
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
	if (pending.of !== undefined) return rows.some(({ parentId, model }) => parentId === pending.below && model === pending.of);
	const end = branchOf(rows, head).at(-1);
	return end?.role === 'assistant' && end.id !== pending.end;
}
