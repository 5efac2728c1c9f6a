import type { LayoutServerLoad } from './$types';

/** Who is signed in; the hooks let nobody else come here. */
export const load: LayoutServerLoad = ({ locals }) => {
	const { userId, username, role } = locals.context.identity!;
	return { user: { id: userId, username, role } };
};
