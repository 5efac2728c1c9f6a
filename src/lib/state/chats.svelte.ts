import { Chat } from './chat.svelte.ts';
import { pendingAnswers } from './pending-answers.ts';

/** Chats that are open or under way: one that answers goes on while another is looked at. */
// eslint-disable-next-line svelte/prefer-svelte-reactivity -- nobody shows it
const open = new Map<string, Chat>();
let blank = new Chat(null);

/** The chat of a conversation; null = the one that has not begun. */
export function chatOf(conversationId: string | null): Chat {
	if (conversationId === null) {
		if (blank.conversationId !== null) {
			// What the blank one became has its own address now.
			open.set(blank.conversationId, blank);
			blank = new Chat(null);
		}
		return blank;
	}
	if (blank.conversationId === conversationId) open.set(conversationId, blank);
	let chat = open.get(conversationId);
	if (!chat) {
		for (const [id, other] of open) if (!other.answering && !other.opening) open.delete(id);
		open.set(conversationId, (chat = new Chat(conversationId)));
	}
	return chat;
}

/** Takes up every answer that was under way before a reload; the server ends those that nobody follows. */
export function resumeChats(): void {
	for (const pending of pendingAnswers()) chatOf(pending.conversationId);
}

/** Drops a removed conversation's chat. */
export function closeChat(conversationId: string): void {
	void open.get(conversationId)?.stop();
	open.delete(conversationId);
}
