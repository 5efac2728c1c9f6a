import { recall, remember } from './storage.ts';

const keyOf = (conversationId: string | null) => `draft:${conversationId ?? 'new'}`;

/** The unsent message of a conversation, as this tab remembers it. */
export function recallDraft(conversationId: string | null): string {
	const text = recall('sessionStorage', keyOf(conversationId));
	return typeof text === 'string' ? text : '';
}

export const rememberDraft = (conversationId: string | null, text: string): void => remember('sessionStorage', keyOf(conversationId), text === '' ? undefined : text);
