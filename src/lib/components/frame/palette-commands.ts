import Keyboard from '@lucide/svelte/icons/keyboard';
import Moon from '@lucide/svelte/icons/moon';
import Plus from '@lucide/svelte/icons/plus';
import Sun from '@lucide/svelte/icons/sun';
import type { LucideIcon } from '@lucide/svelte';
import { goto } from '$app/navigation';
import { t } from '#lib/i18n/index.ts';
import { overlay } from '#lib/state/overlay.svelte.ts';
import { theme } from '#lib/state/theme.svelte.ts';
import type { Entry } from './navigation.ts';

export type Command = { id: string; group: 'actions' | 'pages' | 'conversations'; label: string; about?: string; icon: LucideIcon; run: () => void };

/** Every command but the conversations, in the language of the moment. @param pages that this person may go to */
export const commandsFor = (pages: Entry[]): Command[] => [
	{ id: 'new', group: 'actions', label: t('chat.new'), icon: Plus, run: () => void goto('/chat') },
	...pages.map(({ href, label, icon }): Command => ({ id: href, group: 'pages', label: t(label), icon, run: () => void goto(href) })),
	{ id: 'theme', group: 'actions', label: t(theme.dark ? 'palette.light' : 'palette.dark'), icon: theme.dark ? Sun : Moon, run: () => theme.use(theme.dark ? 'light' : 'dark') },
	{ id: 'shortcuts', group: 'actions', label: t('shortcuts.title'), icon: Keyboard, run: () => overlay.show('shortcuts') }
];

const plain = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** Whether every word typed begins a word of the label, accents and case aside. */
export function matches(label: string, typed: string): boolean {
	const words = plain(label).split(/[^\p{L}\p{N}]+/u);
	return plain(typed).split(/\s+/).filter(Boolean).every((wanted) => words.some((word) => word.startsWith(wanted)));
}
