import { setImmediate as nextTurn } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { database } from '../db/index.ts';
import { listConversations } from './conversations.ts';
import { searchWords, type SnippetPart } from './search-words.ts';

export type Found = {
	/** the conversation's */
	id: string;
	title: string;
	updatedAt: Date;
	/** the newest message that has all the words; null when only the title matches */
	messageId: string | null;
	snippet: SnippetPart[];
};

/** Matches looked at in one turn: a word that everybody uses must not hold the server up. */
const sliceLength = 4000;

type Match = { content: string; messageId: string; id: string; title: string; updatedAt: number };

/** The user's matches, newest first, a slice of everybody's at a time. */
async function* matchesOf(userId: string, query: string, signal: AbortSignal): AsyncGenerator<Match[]> {
	for (let before = Number.MAX_SAFE_INTEGER; ; await nextTurn(undefined, { signal })) {
		const slice = database().all<{ seq: number }>(sql`SELECT rowid AS seq FROM messages_fts WHERE messages_fts MATCH ${query} AND rowid < ${before} ORDER BY rowid DESC LIMIT ${sliceLength}`);
		const ids = JSON.stringify(slice.map(({ seq }) => seq));
		yield database().all<Match>(sql`
			SELECT m.content, m.id AS messageId, c.id, c.title, c.updated_at AS updatedAt
			FROM json_each(${ids}) hit JOIN messages m ON m.seq = hit.value JOIN conversations c ON c.id = m.conversation_id
			WHERE c.user_id = ${userId} ORDER BY m.seq DESC`);
		if (slice.length < sliceLength) return;
		before = slice.at(-1)!.seq;
	}
}

/** A user's conversations in whose title the text stands, then those with all its words in one message, newest first. */
export async function searchConversations(userId: string, typed: string, limit: number, signal: AbortSignal): Promise<Found[]> {
	const words = searchWords(typed);
	const found = new Map<string, Found>();
	if (typed.trim()) for (const { id, title, updatedAt } of listConversations(userId, { title: typed.trim(), limit })) found.set(id, { id, title, updatedAt, messageId: null, snippet: [] });
	if (!words) return [...found.values()];
	for await (const matches of matchesOf(userId, words.query, signal)) {
		for (const { content, messageId, id, title, updatedAt } of matches) {
			const known = found.get(id);
			if (known ? known.messageId : found.size >= limit) continue;
			found.set(id, { id, title, updatedAt: new Date(updatedAt), messageId, snippet: words.snippetOf(content) });
		}
		if (found.size >= limit) break;
	}
	return [...found.values()];
}
