import { t } from '#lib/i18n/index.ts';
import type { trpc } from '#lib/trpc.ts';

export type User = Awaited<ReturnType<typeof trpc.users.list.query>>[number];

/** The roles to choose from, in the current language. */
export const roles = (): { value: User['role']; label: string }[] => (['user', 'admin'] as const).map((value) => ({ value, label: t(`role.${value}`) }));
