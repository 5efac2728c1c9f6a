import { hasDefaultPassword } from '../login/default-password.ts';
import type { LayoutServerLoad } from './$types';

/** Who is signed in; the hooks let nobody else come here. */
export const load: LayoutServerLoad = async ({ locals, fetch, request }) => {
	const { identity, open } = locals.context;
	const { userId, username, role } = identity!;
	return { user: { id: userId, username, role }, defaultPassword: await hasDefaultPassword(fetch, request), mayWatch: open || role === 'admin' };
};
