import type { LucideIcon } from '@lucide/svelte';
import Activity from '@lucide/svelte/icons/activity';
import Boxes from '@lucide/svelte/icons/boxes';
import Cable from '@lucide/svelte/icons/cable';
import History from '@lucide/svelte/icons/history';
import LayoutDashboard from '@lucide/svelte/icons/layout-dashboard';
import MessageSquare from '@lucide/svelte/icons/message-square';
import ScrollText from '@lucide/svelte/icons/scroll-text';
import Settings from '@lucide/svelte/icons/settings';
import SlidersHorizontal from '@lucide/svelte/icons/sliders-horizontal';
import Users from '@lucide/svelte/icons/users';
import type { PlainKey } from '#lib/i18n/index.ts';

export type Entry = { href: string; label: PlainKey; /** for the phone's bar, where the label is long */ short?: PlainKey; icon: LucideIcon; /** tells of everybody */ watching?: boolean };

/** The pages of the rail and of the phone's bar, in their order. A page is one line. */
export const navigation: Entry[] = [
	{ href: '/chat', label: 'nav.chat', icon: MessageSquare },
	{ href: '/dashboard', label: 'nav.dashboard', short: 'nav.dashboard.short', icon: LayoutDashboard },
	{ href: '/models', label: 'nav.models', icon: Boxes },
	{ href: '/monitoring', label: 'nav.monitoring', icon: Activity },
	{ href: '/logs', label: 'nav.logs', icon: ScrollText, watching: true },
	{ href: '/parameters', label: 'nav.parameters', icon: SlidersHorizontal }
];

/** Whether an entry is for this person. @param mayWatch may read what tells of everybody */
export const isFor = (mayWatch: boolean) => (entry: Entry): boolean => mayWatch || !entry.watching;

/** Pages in the phone's bar; its last place is the menu, which has the others. */
export const barPlaces = 4;

/** The pages about programs, the server and the person: below in the rail, in the person's menu on a phone. */
export const lowerNavigation = (role: 'admin' | 'user'): Entry[] => [
	{ href: '/connect', label: 'nav.connect', icon: Cable },
	{ href: '/settings', label: 'nav.settings', icon: Settings },
	...(role === 'admin' ? ([{ href: '/users', label: 'nav.users', icon: Users }, { href: '/audit', label: 'nav.audit', icon: History }] satisfies Entry[]) : [])
];

/** Every page that this person may go to, by whatever way leads to pages. @param mayWatch as in {@link isFor} */
export const pagesFor = ({ user, mayWatch }: { user: { role: 'admin' | 'user' }; mayWatch: boolean }): Entry[] => [...navigation.filter(isFor(mayWatch)), ...lowerNavigation(user.role)];

/** Whether an entry's page, or one below it, is shown. */
export const isCurrent = (entry: Entry, path: string): boolean => path === entry.href || path.startsWith(`${entry.href}/`);
