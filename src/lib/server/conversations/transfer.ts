import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { inArray } from 'drizzle-orm';
import type { ConversationFile, ExportedConversation } from '../../contract/conversations.ts';
import { conversations, database, messages } from '../db/index.ts';
import { announceChange, conversationExists, requireConversation } from './conversations.ts';
import { messagesOf } from './messages.ts';

/** Rows that one statement may bind. */
const sliceLength = 500;

/** A user's conversations as a file, with every branch. @throws AppError CONVERSATION_NOT_FOUND */
export async function exportConversations(userId: string, ids: string[], signal: AbortSignal): Promise<ConversationFile> {
	const file: ConversationFile = { format: 'llama-runner-conversations', version: 1, conversations: [] };
	for (const id of ids) {
		const { userId: _owner, ...conversation } = requireConversation(id, userId);
		const rows = messagesOf(id).map(({ seq: _seq, conversationId: _in, ...message }) => ({ ...message, toolCalls: message.toolCalls ?? null }));
		file.conversations.push({ ...conversation, messages: rows });
		await nextTurn(undefined, { signal });
	}
	return file;
}

/** Whether any of these message ids is in use. */
function anyTaken(ids: string[]): boolean {
	for (let at = 0; at < ids.length; at += sliceLength)
		if (database().select({ id: messages.id }).from(messages).where(inArray(messages.id, ids.slice(at, at + sliceLength))).get()) return true;
	return false;
}

/** Ids are kept where they are free, so that what was removed can be put back; what exists is never touched. */
function freeIds({ id, messages: rows }: ExportedConversation): { id: string; messageId: Map<string | null, string> } {
	const ids = rows.map((row) => row.id);
	const keep = new Set(ids).size === ids.length && !anyTaken(ids);
	return { id: conversationExists(id) ? randomUUID() : id, messageId: new Map(ids.map((old) => [old, keep ? old : randomUUID()])) };
}

function importConversation(userId: string, { messages: rows, ...conversation }: ExportedConversation): string {
	const { id, messageId } = freeIds({ ...conversation, messages: rows });
	database().transaction((tx) => {
		tx.insert(conversations).values({ ...conversation, id, userId, headMessageId: messageId.get(conversation.headMessageId) ?? null }).run();
		for (const row of rows)
			tx.insert(messages).values({ ...row, toolCalls: row.toolCalls ?? undefined, id: messageId.get(row.id)!, parentId: messageId.get(row.parentId) ?? null, conversationId: id }).run();
	});
	announceChange({ id, userId });
	return id;
}

/** Adds the conversations of a file to a user's, each whole, one a turn. Returns their ids, in the file's order. */
export async function importConversations(userId: string, file: ConversationFile, signal: AbortSignal): Promise<string[]> {
	const ids: string[] = [];
	for (const conversation of file.conversations) {
		ids.push(importConversation(userId, conversation));
		await nextTurn(undefined, { signal });
	}
	return ids;
}
