import { randomUUID } from 'node:crypto';
import { and, asc, desc, eq, sql } from 'drizzle-orm';
import type { ChatMessage, ChatUsage, FinishReason } from '../../contract/chat.ts';
import { conversations, database, messages } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { announceChange, announceRemoval, risingNow, type Conversation } from './conversations.ts';

export type Message = typeof messages.$inferSelect;

type Raw = Omit<Message, 'toolCalls' | 'createdAt'> & { toolCalls: string | null; createdAt: number };

/** All messages of a conversation, every branch, oldest first. The caller has checked whose it is. In plain SQL, as the list is. */
export function messagesOf(conversationId: string): Message[] {
	const rows = database().all<Raw>(sql`
		SELECT seq, id, conversation_id AS conversationId, parent_id AS parentId, role, content, reasoning, tool_calls AS toolCalls, tool_call_id AS toolCallId, model,
			prompt_tokens AS promptTokens, completion_tokens AS completionTokens, cached_tokens AS cachedTokens, context_length AS contextLength, latency_ms AS latencyMs,
			time_to_first_token_ms AS timeToFirstTokenMs, tokens_per_second AS tokensPerSecond, finish_reason AS finishReason, error, created_at AS createdAt
		FROM messages WHERE conversation_id = ${conversationId} ORDER BY seq`);
	return rows.map((row) => ({ ...row, toolCalls: row.toolCalls === null ? null : (JSON.parse(row.toolCalls) as Message['toolCalls'] & object), createdAt: new Date(row.createdAt) }));
}

/** @throws AppError NOT_FOUND */
export function requireMessage(conversationId: string, id: string): Message {
	const found = database().select().from(messages).where(and(eq(messages.id, id), eq(messages.conversationId, conversationId))).get();
	if (!found) throw new AppError('NOT_FOUND', `There is no message "${id}" in this conversation`);
	return found;
}

/** The message that the next one follows: the end of the branch that is shown, else the newest. */
export function lastMessageId({ id, headMessageId }: Conversation): string | null {
	if (headMessageId) return headMessageId;
	return database().select({ id: messages.id }).from(messages).where(eq(messages.conversationId, id)).orderBy(desc(messages.seq)).limit(1).get()?.id ?? null;
}

function append(row: Omit<typeof messages.$inferInsert, 'id' | 'createdAt' | 'seq'>): string {
	const id = randomUUID();
	const now = risingNow();
	database().transaction((tx) => {
		tx.insert(messages).values({ ...row, id, createdAt: now }).run();
		tx.update(conversations).set({ updatedAt: now, headMessageId: id }).where(eq(conversations.id, row.conversationId)).run();
	});
	return id;
}

/** Writes a user message and returns its id. Its tokens are known when the reply ends. */
export const appendQuestion = (conversationId: string, parentId: string | null, content: string): string => append({ conversationId, parentId, role: 'user', content });

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
	if (reply.parentId && usage)
		database().update(messages).set({ promptTokens: usage.promptTokens }).where(and(eq(messages.id, reply.parentId), eq(messages.role, 'user'))).run();
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
}

/** The newest end of the branches that go on from a message; the message itself when none does. */
function newestLeaf(conversationId: string, fromId: string): string {
	const rows = database().select({ id: messages.id, parentId: messages.parentId }).from(messages).where(eq(messages.conversationId, conversationId)).orderBy(asc(messages.seq)).all();
	const newestChild = new Map(rows.map((row) => [row.parentId, row.id]));
	let leaf = fromId;
	// A foreign file may have brought a circle: no path is longer than there are messages.
	for (let steps = 0; steps < rows.length && newestChild.has(leaf); steps++) leaf = newestChild.get(leaf)!;
	return leaf;
}

function setHead(conversation: Conversation, headMessageId: string | null): void {
	database().update(conversations).set({ headMessageId }).where(eq(conversations.id, conversation.id)).run();
	announceChange(conversation);
}

/** Shows the branch that a message stands in, down to its newest end. @throws AppError NOT_FOUND */
export function showBranch(conversation: Conversation, messageId: string): string {
	const head = newestLeaf(conversation.id, requireMessage(conversation.id, messageId).id);
	setHead(conversation, head);
	return head;
}

/** Messages that answer or follow the same one, oldest first: the message's branches, itself included. @throws AppError NOT_FOUND */
export function branchesAt(conversation: Conversation, messageId: string): Message[] {
	const { parentId } = requireMessage(conversation.id, messageId);
	return messagesOf(conversation.id).filter((message) => message.parentId === parentId);
}

/** Removes one message; what followed it follows the one before. @throws AppError NOT_FOUND */
export function removeMessage(conversation: Conversation, messageId: string): void {
	const { parentId } = requireMessage(conversation.id, messageId);
	database().transaction((tx) => {
		tx.update(messages).set({ parentId }).where(and(eq(messages.conversationId, conversation.id), eq(messages.parentId, messageId))).run();
		tx.delete(messages).where(eq(messages.id, messageId)).run();
		if (conversation.headMessageId === messageId) setHead(conversation, parentId && newestLeaf(conversation.id, parentId));
	});
	announceChange(conversation);
	announceRemoval(conversation);
}
