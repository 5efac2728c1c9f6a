import type { ConversationFile } from '#lib/state/conversations.svelte.ts';

/** Hands a file of conversations to the browser's downloads. */
export function download(file: ConversationFile, name: string): void {
	const url = URL.createObjectURL(new Blob([JSON.stringify(file, null, '\t')], { type: 'application/json' }));
	const link = document.createElement('a');
	link.href = url;
	link.download = `${name.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-+|-+$/g, '').slice(0, 60) || 'conversation'}.json`;
	link.click();
	setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
