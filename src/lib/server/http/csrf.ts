import type { Handle } from '@sveltejs/kit';
import { csrfCookie, csrfTokenMatches } from '../auth/csrf.ts';
import { env } from '../env.ts';
import { AppError } from '../errors.ts';
import { problemResponse } from './problem.ts';

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Whether a browser says that a page of ours, or of an allowed origin, made the request. A request with neither header comes
 * from no browser.
 */
function isFromFriend(headers: Headers, ownOrigin: string): boolean {
	const origin = headers.get('origin');
	if (origin !== null) return origin === ownOrigin || env().corsOrigins.includes(origin);
	const site = headers.get('sec-fetch-site');
	return site === null || site === 'same-origin' || site === 'none';
}

/**
 * A cookie travels by itself, also with a request that a foreign page makes: an unsafe one must then prove that it can read our
 * answers, by the token of `GET /api/auth/csrf`. Bearer requests prove more than that.
 */
export const csrf: Handle = async ({ event, resolve }) => {
	const { context } = event.locals;
	const { method, headers } = event.request;
	if (safeMethods.has(method) || context.by !== 'cookie' || isFromFriend(headers, event.url.origin)) return resolve(event);
	if (csrfTokenMatches(context.cookies.get(csrfCookie), headers.get('x-csrf-token'))) return resolve(event);
	return problemResponse(
		new AppError('CSRF_FAILED', 'The request comes from another site and has no valid X-CSRF-Token', { details: 'Read a token from GET /api/auth/csrf and send it as X-CSRF-Token, or use a Bearer token' }),
		context.requestId
	);
};
