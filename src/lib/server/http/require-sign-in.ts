import type { Handle } from '@sveltejs/kit';

/**
 * Sends whoever is not signed in from the app's pages to the sign-in page, and back afterwards. Here and not in a layout: those
 * pages are drawn in the browser, so that a layout would send the whole app first. Data requests get the redirect in Kit's form.
 */
export const requireSignIn: Handle = ({ event, resolve }) => {
	if (!event.route.id?.startsWith('/(app)') || event.locals.context.identity) return resolve(event);
	const from = event.url.pathname + event.url.search;
	const location = from === '/chat' ? '/login' : `/login?to=${encodeURIComponent(from)}`;
	return event.isDataRequest ? Response.json({ type: 'redirect', location }) : new Response(null, { status: 303, headers: { location, 'cache-control': 'no-store' } });
};
