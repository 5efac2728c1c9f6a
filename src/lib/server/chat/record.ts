import type { ChatEvent, ChatRequest, ChatUsage, FinishReason } from '../../contract/chat.ts';
import { appendReply, appendUserMessage, createConversation, requireConversation } from '../conversations/conversations.ts';

/** What is kept of one exchange: the last user message at once, the reply (also a partial one) when it ends. */
export type Exchange = {
	/** null when nothing is kept */
	conversationId: string | null;
	add(event: ChatEvent): void;
	/** Writes the reply. Called before the end is told to anybody: what was acknowledged is on the disk. */
	close(end: { finish: FinishReason; usage: ChatUsage | undefined; durationMs: number; error: string | undefined }): void;
};

const nothingKept: Exchange = { conversationId: null, add: () => undefined, close: () => undefined };

/** The title of a conversation that began with a chat: the first 50 characters of its first user message. */
const titleOf = (text: string) => Array.from(text.replace(/\s+/g, ' ').trim()).slice(0, 50).join('') || 'New conversation';

/** @throws AppError CONVERSATION_NOT_FOUND */
export function recordExchange(request: ChatRequest, userId: string, model: string): Exchange {
	if (!request.store) {
		if (request.conversationId) requireConversation(request.conversationId, userId);
		return nothingKept;
	}
	const asked = request.messages.findLast((message) => message.role === 'user');
	const conversation = request.conversationId ? requireConversation(request.conversationId, userId) : createConversation(userId, titleOf(asked?.content ?? ''), { model });
	let userMessageId: string | null = null;
	let content = '';
	let reasoning = '';
	const toolCalls: { id: string; name: string; arguments: string }[] = [];
	const keepQuestion = () => {
		if (userMessageId === null && asked) userMessageId = appendUserMessage(conversation.id, asked.content);
	};
	return {
		conversationId: conversation.id,
		add(event) {
			keepQuestion();
			if (event.type === 'text' && !event.choice) content += event.text;
			else if (event.type === 'reasoning' && !event.choice) reasoning += event.text;
			else if (event.type === 'toolCall' && !event.choice) {
				const call = (toolCalls[event.index] ??= { id: event.id, name: '', arguments: '' });
				call.name += event.name ?? '';
				call.arguments += event.argumentsDelta;
			}
		},
		close({ finish, usage, durationMs, error }) {
			keepQuestion();
			appendReply(conversation.id, { parentId: userMessageId, content, reasoning, toolCalls, model, usage, durationMs, finish, error });
		}
	};
}
