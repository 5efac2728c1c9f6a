import { randomUUID } from 'node:crypto';
import type { ChatEvent, ChatMessage, ChatRequest, ChatUsage, FinishReason } from '../../contract/chat.ts';
import { announceChange, conversationExists, createConversation, requireConversation } from '../conversations/conversations.ts';
import { appendQuestion, appendReply, lastMessageId, requireMessage } from '../conversations/messages.ts';
import { database } from '../db/index.ts';
import { AppError } from '../errors.ts';

type End = { finish: FinishReason; usage: ChatUsage | undefined; durationMs: number; error: string | undefined };

/** What is kept of one exchange: the last user message and the reply. Nothing is written until it is opened or closed. */
export type Exchange = {
	/** null when nothing is kept */
	conversationId: string | null;
	/** Writes the question (and the conversation, when it is new): somebody is about to be told of them. */
	open(): void;
	/** Takes an event of the reply in, in memory. */
	add(event: ChatEvent): void;
	/** Writes the reply, also a partial one, before its end is told to anybody. */
	close(end: End): void;
};

const nothingKept: Exchange = { conversationId: null, open: () => undefined, add: () => undefined, close: () => undefined };

/** The title of a conversation that begins with a chat: the first 50 characters of its first user message. */
const titleOf = (text: string) => Array.from(text.replace(/\s+/g, ' ').trim()).slice(0, 50).join('') || 'New conversation';

/**
 * Where an exchange is to be written. A question follows the branch's end or the message given, of which it is a new branch;
 * below a user message that it repeats there is no new question, but another reply to that one.
 * @throws AppError CONVERSATION_NOT_FOUND, NOT_FOUND for an unknown parent, VALIDATION_ERROR for one without a conversation
 */
function placeOf({ conversationId, parentId }: ChatRequest, asked: ChatMessage | undefined, userId: string): { conversationId: string | undefined; parentId: string | null; answered: boolean } {
	if (conversationId === undefined) {
		if (parentId != null) throw new AppError('VALIDATION_ERROR', 'The request was invalid', { errors: ['parentId needs the conversationId that the message is in'] });
		return { conversationId, parentId: null, answered: false };
	}
	const conversation = requireConversation(conversationId, userId);
	if (parentId === undefined) return { conversationId, parentId: lastMessageId(conversation), answered: false };
	const parent = parentId === null ? undefined : requireMessage(conversationId, parentId);
	return { conversationId, parentId, answered: parent?.role === 'user' && (!asked || asked.content === parent.content) };
}

/** @throws AppError as {@link placeOf} */
export function planExchange(request: ChatRequest, userId: string, model: string): Exchange {
	const last = request.messages.findLast((message) => message.role === 'user');
	const place = placeOf(request, last, userId);
	if (!request.store) return nothingKept;
	const asked = place.answered ? undefined : last;
	const conversationId = place.conversationId ?? randomUUID();
	let state: 'planned' | 'open' | 'gone' = 'planned';
	let { parentId } = place;
	let content = '';
	let reasoning = '';
	const toolCalls: { id: string; name: string; arguments: string }[] = [];

	function open(): void {
		if (state !== 'planned') return;
		database().transaction(() => {
			if (place.conversationId === undefined) createConversation(userId, titleOf(asked?.content ?? ''), { id: conversationId, model });
			else if (!conversationExists(conversationId)) return void (state = 'gone');
			if (asked) parentId = appendQuestion(conversationId, parentId, asked.content);
			state = 'open';
		});
		announceChange({ id: conversationId, userId });
	}

	return {
		conversationId,
		open,
		add(event) {
			if (!('choice' in event) || !event.choice) {
				if (event.type === 'text') content += event.text;
				else if (event.type === 'reasoning') reasoning += event.text;
				else if (event.type === 'toolCall') {
					const call = (toolCalls[event.index] ??= { id: event.id, name: '', arguments: '' });
					call.name += event.name ?? '';
					call.arguments += event.argumentsDelta;
				}
			}
		},
		close(end) {
			database().transaction(() => {
				if (state === 'open' && !conversationExists(conversationId)) state = 'gone';
				open();
				if (state === 'open') appendReply(conversationId, { parentId, content, reasoning, toolCalls, model, ...end });
			});
			announceChange({ id: conversationId, userId });
		}
	};
}
