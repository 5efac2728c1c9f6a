import { redirect } from '@sveltejs/kit';

/** Outside `(app)`, whose pages are drawn in the browser: this way the server redirects at once. */
export const load = () => redirect(307, '/chat');
