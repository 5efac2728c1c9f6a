import { randomUUID } from 'node:crypto';
import { and, asc, desc, eq } from 'drizzle-orm';
import type { ChatMessage, ChatUsage, FinishReason } from '../../contract/chat.ts';
import { conversations, database, messages } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { events } from '../events.ts';

export type Conversation = typeof conversations.$inferSelect;
export type Message = typeof messages.$inferSelect;

/** A user's conversations, newest first. */
export function listConversations(userId: string): Conversation[] {
	return database().select().from(conversations).where(eq(conversations.userId, userId)).orderBy(desc(conversations.updatedAt)).all();
}

/** @throws AppError CONVERSATION_NOT_FOUND, also for another user's: the two must not be told apart */
export function requireConversation(id: string, userId: string): Conversation {
	const found = database().select().from(conversations).where(and(eq(conversations.id, id), eq(conversations.userId, userId))).get();
	if (!found) throw new AppError('CONVERSATION_NOT_FOUND', `There is no conversation "${id}"`);
	return found;
}

/** All messages of a conversation, oldest first. The caller has checked whose it is. */
export function messagesOf(conversationId: string): Message[] {
	return database().select().from(messages).where(eq(messages.conversationId, conversationId)).orderBy(asc(messages.seq)).all();
}

export function createConversation(userId: string, title: string, more: { model?: string } = {}): Conversation {
	const now = new Date();
	const row = database().insert(conversations).values({ id: randomUUID(), userId, title, model: more.model ?? null, createdAt: now, updatedAt: now }).returning().get();
	events.emit('conversation:changed', { userId, conversationId: row.id });
	return row;
}

/** The newest message, which the next one follows. */
function newestMessageId(conversationId: string): string | null {
	return database().select({ id: messages.id }).from(messages).where(eq(messages.conversationId, conversationId)).orderBy(desc(messages.seq)).limit(1).get()?.id ?? null;
}

function append(row: Omit<typeof messages.$inferInsert, 'id' | 'createdAt' | 'seq'>): string {
	const id = randomUUID();
	const now = new Date();
	database().transaction((tx) => {
		tx.insert(messages).values({ ...row, id, createdAt: now }).run();
		tx.update(conversations).set({ updatedAt: now, headMessageId: id }).where(eq(conversations.id, row.conversationId)).run();
	});
	return id;
}

/** Writes a user message behind the newest one and returns its id. Its tokens are known when the reply ends. */
export function appendUserMessage(conversationId: string, content: string): string {
	return append({ conversationId, parentId: newestMessageId(conversationId), role: 'user', content });
}

export type Reply = {
	parentId: string | null;
	content: string;
	reasoning: string;
	toolCalls: NonNullable<ChatMessage['toolCalls']>;
	model: string;
	usage: ChatUsage | undefined;
	durationMs: number;
	finish: FinishReason;
	error: string | undefined;
};

/** Writes the reply, and the prompt's tokens to the question it answers. */
export function appendReply(conversationId: string, reply: Reply): void {
	const { usage } = reply;
	database().transaction(() => {
		if (reply.parentId && usage) database().update(messages).set({ promptTokens: usage.promptTokens }).where(eq(messages.id, reply.parentId)).run();
		append({
			conversationId,
			parentId: reply.parentId,
			role: 'assistant',
			content: reply.content,
			reasoning: reply.reasoning || null,
			toolCalls: reply.toolCalls.length ? reply.toolCalls : null,
			model: reply.model,
			completionTokens: usage?.completionTokens ?? 0,
			cachedTokens: usage?.cachedTokens ?? 0,
			contextLength: usage?.contextLength ?? 0,
			latencyMs: reply.durationMs,
			timeToFirstTokenMs: usage?.timeToFirstTokenMs == null ? null : Math.round(usage.timeToFirstTokenMs),
			tokensPerSecond: usage?.tokensPerSecond ?? null,
			finishReason: reply.finish,
			error: reply.error ?? null
		});
	});
}

/** @throws AppError CONVERSATION_NOT_FOUND */
export function renameConversation(id: string, userId: string, title: string): Conversation {
	requireConversation(id, userId);
	const row = database().update(conversations).set({ title, updatedAt: new Date() }).where(eq(conversations.id, id)).returning().get();
	events.emit('conversation:changed', { userId, conversationId: id });
	return row;
}

/** Removes a conversation with its messages. @throws AppError CONVERSATION_NOT_FOUND */
export function removeConversation(id: string, userId: string): void {
	requireConversation(id, userId);
	database().delete(conversations).where(eq(conversations.id, id)).run();
	events.emit('conversation:changed', { userId, conversationId: id });
}
