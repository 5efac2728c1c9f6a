import type { Handle } from '@sveltejs/kit';
import { env } from '../env.ts';

const exposed = 'X-Request-Id, X-Conversation-Id, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, Retry-After';
/** What clients send: ours, the OpenAI and Anthropic SDKs' own, and tRPC's. `x-stainless-*` is matched by its prefix. */
const allowedHeaders = ['authorization', 'content-type', 'accept', 'x-csrf-token', 'x-api-key', 'x-request-id', 'last-event-id', 'trpc-accept', 'anthropic-version', 'anthropic-beta', 'idempotency-key', 'user-agent'];
const preflightSeconds = 600;

/** Everything a program may call; pages and assets are same-origin. */
const isApi = (path: string) => /^\/(api|v1|trpc|health|metrics)(\/|$)/.test(path);

const permitted = (requested: string | null) =>
	(requested ?? '').split(',').map((name) => name.trim().toLowerCase()).filter((name) => allowedHeaders.includes(name) || /^x-stainless-[a-z-]+$/.test(name));

/** CORS for the allowed origins, with credentials. A preflight is answered here, before credentials and limits. */
export const cors: Handle = async ({ event, resolve }) => {
	if (!isApi(event.url.pathname)) return resolve(event);
	const origin = event.request.headers.get('origin');
	const allowed = origin !== null && env().corsOrigins.includes(origin);
	const preflight = event.request.method === 'OPTIONS' && event.request.headers.has('access-control-request-method');
	const response = preflight ? new Response(null, { status: 204 }) : await resolve(event);
	response.headers.append('vary', 'Origin');
	if (!allowed) return response;
	response.headers.set('access-control-allow-origin', origin);
	response.headers.set('access-control-allow-credentials', 'true');
	response.headers.set('access-control-expose-headers', exposed);
	if (preflight) {
		response.headers.set('access-control-allow-methods', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS');
		response.headers.set('access-control-allow-headers', permitted(event.request.headers.get('access-control-request-headers')).join(', '));
		response.headers.set('access-control-max-age', String(preflightSeconds));
	}
	return response;
};
