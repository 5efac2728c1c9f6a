import type { LucideIcon } from '@lucide/svelte';
import Boxes from '@lucide/svelte/icons/boxes';
import MessageSquare from '@lucide/svelte/icons/message-square';
import SlidersHorizontal from '@lucide/svelte/icons/sliders-horizontal';
import type { PlainKey } from '#lib/i18n/index.ts';

export type Entry = { href: string; label: PlainKey; icon: LucideIcon };

/** The pages of the rail and of the phone's bar, in their order. A page is one line. */
export const navigation: Entry[] = [
	{ href: '/chat', label: 'nav.chat', icon: MessageSquare },
	{ href: '/models', label: 'nav.models', icon: Boxes },
	{ href: '/parameters', label: 'nav.parameters', icon: SlidersHorizontal }
];

/** Whether an entry's page, or one below it, is shown. */
export const isCurrent = (entry: Entry, path: string): boolean => path === entry.href || path.startsWith(`${entry.href}/`);
