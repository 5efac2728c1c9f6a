import { recall, remember } from './storage.ts';

type File = { name: string; text: string };

const nameOf = (conversationId: string | null) => conversationId ?? 'new';
const isFile = (value: unknown): value is File => typeof (value as File | null)?.name === 'string' && typeof (value as File).text === 'string';

/** The unsent message of a conversation, as this tab remembers it. */
export function recallDraft(conversationId: string | null): string {
	const text = recall('sessionStorage', `draft:${nameOf(conversationId)}`);
	return typeof text === 'string' ? text : '';
}

export const rememberDraft = (conversationId: string | null, text: string): void => remember('sessionStorage', `draft:${nameOf(conversationId)}`, text === '' ? undefined : text);

/** The files of the unsent message. */
export function recallFiles(conversationId: string | null): File[] {
	const files = recall('sessionStorage', `files:${nameOf(conversationId)}`);
	return Array.isArray(files) ? files.filter(isFile) : [];
}

export const rememberFiles = (conversationId: string | null, files: File[]): void => remember('sessionStorage', `files:${nameOf(conversationId)}`, files.length === 0 ? undefined : files);
