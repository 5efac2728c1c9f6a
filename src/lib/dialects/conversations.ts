import type { ConversationDetail, ConversationRow } from '../contract/rest/conversations.ts';

type Row = { id: string; title: string; createdAt: Date; updatedAt: Date };
type MessageRow = { id: string; role: ConversationDetail['messages'][number]['role']; content: string; promptTokens: number; completionTokens: number; latencyMs: number; createdAt: string };

/** A conversation as document B writes it. Written-out times make the JSON of ten thousand twice as fast as Dates. */
export const conversationOf = ({ id, title, createdAt, updatedAt }: Row): ConversationRow => ({ id, title, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() });

/** With its messages, as document B writes them. */
export const conversationDetailOf = ({ messages, ...row }: Row & { messages: MessageRow[] }): ConversationDetail => ({
	...conversationOf(row),
	messages: messages.map(({ id, role, content, promptTokens, completionTokens, latencyMs, createdAt }) => ({ id, role, content, promptTokens, completionTokens, latencyMs, createdAt }))
});
