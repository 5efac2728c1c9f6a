import { saveFile } from '#lib/components/ui/save-file.ts';
import type { ConversationFile } from '#lib/state/conversations.svelte.ts';

/** Hands a file of conversations to the browser's downloads. */
export const download = (file: ConversationFile, name: string): void =>
	saveFile(`${name.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-+|-+$/g, '').slice(0, 60) || 'conversation'}.json`, 'application/json', [JSON.stringify(file, null, '\t')]);
