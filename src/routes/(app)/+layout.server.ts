import type { LayoutServerLoad } from './$types';

/** Who is signed in; the hooks let nobody else come here. */
export const load: LayoutServerLoad = async ({ locals, fetch, request }) => {
	const { identity, open } = locals.context;
	const { userId, username, role } = identity!;
	// What Kit calls in process meets no socket: by this header it is known as the same caller.
	const response = await fetch('/trpc/auth.me', { headers: { 'x-request-id': request.headers.get('x-request-id') ?? '' } });
	const me = response.ok ? ((await response.json()) as { result: { data: { json: { defaultPassword: boolean } } } }).result.data.json : undefined;
	return { user: { id: userId, username, role }, defaultPassword: me?.defaultPassword ?? false, mayWatch: open || role === 'admin' };
};
