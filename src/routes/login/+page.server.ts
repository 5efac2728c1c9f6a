import { fail, redirect } from '@sveltejs/kit';
import type { Problem } from '#lib/contract/errors.ts';
import type { LoginAnswer } from '#lib/contract/rest/auth.ts';
import type { Actions, PageServerLoad } from './$types';
import { hasDefaultPassword } from './default-password.ts';
import { isForeign } from './is-foreign.ts';
import { safePath } from './safe-path.ts';
import { sameCaller } from './same-caller.ts';

export const load: PageServerLoad = async ({ locals, url, fetch, request }) => {
	if (locals.context.identity) redirect(303, safePath(url.searchParams.get('to')));
	// On a first start nobody knows the name and password but the documents; programs on this machine are told.
	const response = await fetch('/trpc/auth.welcome', { headers: sameCaller(request) });
	const welcome = response.ok ? ((await response.json()) as { result: { data: { json: { defaultUsername: string | null } } } }).result.data.json : undefined;
	return { defaultUsername: welcome?.defaultUsername ?? null };
};

export const actions: Actions = {
	async default({ request, url, fetch }) {
		const form = await request.formData();
		const username = String(form.get('username') ?? '');
		if (isForeign(request, url)) return fail(403, { username, code: 'ORIGIN_NOT_ALLOWED' as const, errors: [], retryAfterSeconds: 0 });
		const response = await fetch('/api/auth/login', {
			method: 'POST',
			headers: { 'content-type': 'application/json', ...sameCaller(request) },
			body: JSON.stringify({ username, password: String(form.get('password') ?? '') })
		});
		if (response.ok) {
			const { token } = (await response.json()) as LoginAnswer;
			const to = safePath(url.searchParams.get('to'));
			redirect(303, (await hasDefaultPassword(fetch, request, token)) ? `/login/password?to=${encodeURIComponent(to)}` : to);
		}
		const { code, errors } = (await response.json()) as Problem;
		return fail(response.status, { username, code, errors, retryAfterSeconds: Number(response.headers.get('retry-after') ?? 0) });
	}
};
