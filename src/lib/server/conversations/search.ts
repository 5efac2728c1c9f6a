import { sql } from 'drizzle-orm';
import { database } from '../db/index.ts';
import { listConversations } from './conversations.ts';
import { searchQuery } from './search-query.ts';

/** A piece of a text, and whether it is what was looked for. */
export type SnippetPart = { text: string; hit: boolean };
export type Found = {
	/** the conversation's */
	id: string;
	title: string;
	updatedAt: Date;
	/** the newest message that has all the words; null when only the title matches */
	messageId: string | null;
	snippet: SnippetPart[];
};

/** Characters that no message text holds by itself, around what was found. */
const marks = { open: '\u0002', close: '\u0003' };

function partsOf(marked: string): SnippetPart[] {
	return marked.split(/(\u0002[^\u0003]*\u0003)/).filter(Boolean).map((part) => ({ text: part.replace(/[\u0002\u0003]/g, ''), hit: part.startsWith(marks.open) }));
}

/** A user's conversations in which all the words occur in one message, or in whose title the text does; newest messages first. */
export function searchConversations(userId: string, typed: string, limit: number): Found[] {
	const query = searchQuery(typed);
	const titled = typed.trim() ? listConversations(userId, { title: typed.trim(), limit }) : [];
	const inMessages = query ? database().all<{ id: string; title: string; updatedAt: number; messageId: string; snippet: string }>(sql`
		SELECT c.id, c.title, c.updated_at AS updatedAt, m.id AS messageId, snippet(messages_fts, 0, ${marks.open}, ${marks.close}, '…', 24) AS snippet
		FROM messages_fts JOIN messages m ON m.seq = messages_fts.rowid JOIN conversations c ON c.id = m.conversation_id
		WHERE messages_fts MATCH ${query} AND c.user_id = ${userId}
		ORDER BY messages_fts.rowid DESC LIMIT ${limit * 4}`) : [];
	const found = new Map<string, Found>();
	for (const { id, title, updatedAt } of titled) found.set(id, { id, title, updatedAt, messageId: null, snippet: [] });
	for (const row of inMessages) {
		const known = found.get(row.id);
		if (!known?.messageId) found.set(row.id, { id: row.id, title: row.title, updatedAt: new Date(row.updatedAt), messageId: row.messageId, snippet: partsOf(row.snippet) });
	}
	return [...found.values()].slice(0, limit);
}
