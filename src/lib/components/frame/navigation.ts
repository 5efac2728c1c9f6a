import type { LucideIcon } from '@lucide/svelte';
import Boxes from '@lucide/svelte/icons/boxes';
import MessageSquare from '@lucide/svelte/icons/message-square';
import Settings from '@lucide/svelte/icons/settings';
import SlidersHorizontal from '@lucide/svelte/icons/sliders-horizontal';
import Users from '@lucide/svelte/icons/users';
import type { PlainKey } from '#lib/i18n/index.ts';

export type Entry = { href: string; label: PlainKey; icon: LucideIcon };

/** The pages of the rail and of the phone's bar, in their order. A page is one line. */
export const navigation: Entry[] = [
	{ href: '/chat', label: 'nav.chat', icon: MessageSquare },
	{ href: '/models', label: 'nav.models', icon: Boxes },
	{ href: '/parameters', label: 'nav.parameters', icon: SlidersHorizontal }
];

/** The pages about the server and the person: below in the rail, in the person's menu on a phone. */
export const lowerNavigation = (role: 'admin' | 'user'): Entry[] => [
	{ href: '/settings', label: 'nav.settings', icon: Settings },
	...(role === 'admin' ? [{ href: '/users', label: 'nav.users', icon: Users } as const] : [])
];

/** Whether an entry's page, or one below it, is shown. */
export const isCurrent = (entry: Entry, path: string): boolean => path === entry.href || path.startsWith(`${entry.href}/`);
