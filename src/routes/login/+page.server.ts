import { fail, redirect } from '@sveltejs/kit';
import type { Problem } from '#lib/contract/errors.ts';
import type { Actions, PageServerLoad } from './$types';
import { safePath } from './safe-path.ts';

export const load: PageServerLoad = async ({ locals, url, fetch, request }) => {
	if (locals.context.identity) redirect(303, safePath(url.searchParams.get('to')));
	// On a first start nobody knows the name and password but the documents; programs on this machine are told.
	const response = await fetch('/trpc/auth.welcome', { headers: sameCaller(request) });
	const welcome = response.ok ? ((await response.json()) as { result: { data: { json: { defaultUsername: string | null } } } }).result.data.json : undefined;
	return { defaultUsername: welcome?.defaultUsername ?? null };
};

/** What Kit calls in process meets no socket: by the request's id it is known as the same caller. The session is named by the browser. */
const sameCaller = ({ headers }: Request) => ({ 'x-request-id': headers.get('x-request-id') ?? '', 'user-agent': headers.get('user-agent') ?? '' });

export const actions: Actions = {
	async default({ request, url, fetch }) {
		const form = await request.formData();
		const username = String(form.get('username') ?? '');
		// A foreign page could sign its visitor in as somebody else and read what is then written.
		const origin = request.headers.get('origin');
		if (origin !== null && (!URL.canParse(origin) || new URL(origin).host !== url.host)) return fail(403, { username, code: 'ORIGIN_NOT_ALLOWED' as const, errors: [], retryAfterSeconds: 0 });
		const response = await fetch('/api/auth/login', {
			method: 'POST',
			headers: { 'content-type': 'application/json', ...sameCaller(request) },
			body: JSON.stringify({ username, password: String(form.get('password') ?? '') })
		});
		if (response.ok) redirect(303, safePath(url.searchParams.get('to')));
		const { code, errors } = (await response.json()) as Problem;
		return fail(response.status, { username, code, errors, retryAfterSeconds: Number(response.headers.get('retry-after') ?? 0) });
	}
};
