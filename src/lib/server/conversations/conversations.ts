import { randomUUID } from 'node:crypto';
import { and, eq, sql } from 'drizzle-orm';
import { conversations, database } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { events } from '../events.ts';

export type Conversation = typeof conversations.$inferSelect;
/** What a list shows of one. */
export type ConversationRow = Pick<Conversation, 'id' | 'title' | 'archived' | 'createdAt' | 'updatedAt'>;

export type ListWishes = {
	/** only archived ones, or only others; undefined: both */
	archived?: boolean;
	/** only those whose title holds this, whatever the case */
	title?: string;
	/** only what comes after this one, which was the last of the page before */
	after?: { id: string; updatedAt: Date };
	limit?: number;
};

let last = 0;
/** Now, yet never the same twice: what was written later sorts as newer. */
export const risingNow = (): Date => new Date((last = Math.max(Date.now(), last + 1)));

/** Tells the user's pages that something about the conversation is no longer as they show it. */
export const announceChange = ({ userId, id }: Pick<Conversation, 'userId' | 'id'>): void => events.emit('conversation:changed', { userId, conversationId: id });

/** Tells who keeps anything of the conversation's text that it must go. */
export const announceRemoval = ({ userId, id }: Pick<Conversation, 'userId' | 'id'>): void => events.emit('conversation:removed', { userId, conversationId: id });

type Raw = { id: string; title: string; archived: number; createdAt: number; updatedAt: number };

/** A user's conversations, newest first. In plain SQL: drizzle's mapping takes as long again as reading ten thousand rows. */
export function listConversations(userId: string, { archived, title, after, limit = -1 }: ListWishes = {}): ConversationRow[] {
	const conditions = [sql`user_id = ${userId}`];
	if (archived !== undefined) conditions.push(sql`archived = ${Number(archived)}`);
	if (title) conditions.push(sql`title LIKE ${`%${title.replace(/[\\%_]/g, '\\$&')}%`} ESCAPE '\\'`);
	// Imported ones may share their time with others; rows were written in the order of their rowid.
	if (after) conditions.push(sql`(updated_at, rowid) < (${after.updatedAt.getTime()}, (SELECT c.rowid FROM conversations c WHERE c.id = ${after.id}))`);
	const rows = database().all<Raw>(sql`
		SELECT id, title, archived, created_at AS createdAt, updated_at AS updatedAt
		FROM conversations WHERE ${sql.join(conditions, sql` AND `)} ORDER BY updated_at DESC, rowid DESC LIMIT ${limit}`);
	return rows.map(({ id, title, archived, createdAt, updatedAt }) => ({ id, title, archived: archived === 1, createdAt: new Date(createdAt), updatedAt: new Date(updatedAt) }));
}

/** @throws AppError CONVERSATION_NOT_FOUND, also for another user's: the two must not be told apart */
export function requireConversation(id: string, userId: string): Conversation {
	const found = database().select().from(conversations).where(and(eq(conversations.id, id), eq(conversations.userId, userId))).get();
	if (!found) throw new AppError('CONVERSATION_NOT_FOUND', `There is no conversation "${id}"`);
	return found;
}

/** Whether it (still) exists: an answer may outlive its conversation. */
export const conversationExists = (id: string): boolean => database().select({ id: conversations.id }).from(conversations).where(eq(conversations.id, id)).get() !== undefined;

/** @param more an id of the caller's own when it had to be known before */
export function createConversation(userId: string, title: string, more: { id?: string; model?: string } = {}): Conversation {
	const now = risingNow();
	const row = database().insert(conversations).values({ id: more.id ?? randomUUID(), userId, title, model: more.model ?? null, createdAt: now, updatedAt: now }).returning().get();
	announceChange(row);
	return row;
}

/** Members that the owner may change. A new title makes it the newest; how it is kept and set up does not. */
export type ConversationChange = Partial<Pick<Conversation, 'title' | 'archived' | 'model' | 'systemPrompt' | 'options'>>;

/** @throws AppError CONVERSATION_NOT_FOUND */
export function changeConversation(id: string, userId: string, change: ConversationChange): Conversation {
	const before = requireConversation(id, userId);
	const updatedAt = change.title === undefined ? before.updatedAt : risingNow();
	const row = database().update(conversations).set({ ...change, updatedAt }).where(eq(conversations.id, id)).returning().get();
	announceChange(row);
	return row;
}

/** Removes a conversation with its messages. @throws AppError CONVERSATION_NOT_FOUND */
export function removeConversation(id: string, userId: string): void {
	const row = requireConversation(id, userId);
	database().delete(conversations).where(eq(conversations.id, id)).run();
	announceChange(row);
	announceRemoval(row);
}
