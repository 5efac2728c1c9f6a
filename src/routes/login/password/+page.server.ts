import { fail, redirect } from '@sveltejs/kit';
import { defaultPassword } from '#lib/contract/passwords.ts';
import { hasDefaultPassword } from '../default-password.ts';
import { isForeign } from '../is-foreign.ts';
import { safePath } from '../safe-path.ts';
import { sameCaller } from '../same-caller.ts';
import type { Actions, PageServerLoad } from './$types';

/** The step after signing in with the password that everybody knows. It can be put off, and comes again with the next sign-in. */
export const load: PageServerLoad = async ({ locals, url, fetch, request }) => {
	const to = safePath(url.searchParams.get('to'));
	const { identity } = locals.context;
	if (!identity) redirect(303, `/login?to=${encodeURIComponent(to)}`);
	if (!(await hasDefaultPassword(fetch, request))) redirect(303, to);
	return { to, username: identity.username };
};

export const actions: Actions = {
	async default({ request, url, fetch }) {
		const newPassword = String((await request.formData()).get('password') ?? '');
		if (isForeign(request, url)) return fail(403, { errors: [] });
		const response = await fetch('/trpc/auth.changePassword', {
			method: 'POST',
			headers: { 'content-type': 'application/json', ...sameCaller(request) },
			body: JSON.stringify({ json: { currentPassword: defaultPassword, newPassword } })
		});
		if (response.ok) redirect(303, safePath(url.searchParams.get('to')));
		const { error } = (await response.json()) as { error: { json: { message: string; data?: { errors?: string[] } } } };
		return fail(response.status, { errors: error.json.data?.errors ?? [error.json.message] });
	}
};
