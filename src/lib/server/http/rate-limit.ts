import type { Handle } from '@sveltejs/kit';
import { addressKey, assertWithin, spend, strictest, windowHeaders, type Policy } from '../ratelimit/windows.ts';
import type { Context } from '../trpc/context.ts';
import { problemResponse } from './problem.ts';

/** Which window a request counts in; health, metrics, pages and assets have none, and sign-in counts its own. */
function policyOf(path: string, context: Context): { policy: Policy; key: string } | undefined {
	const { identity, ip } = context;
	if (/^\/trpc(\/|$)/.test(path)) return { policy: 'trpc', key: identity?.userId ?? addressKey(ip) };
	if (!/^\/(api|v1)(\/|$)/.test(path) || path === '/api/auth/login') return undefined;
	return identity ? { policy: 'user', key: identity.userId } : { policy: 'ip', key: addressKey(ip) };
}

/** Counts the request in its window and says in headers where that stands; beyond it 429. */
export const rateLimit: Handle = async ({ event, resolve }) => {
	const { context } = event.locals;
	const counted = policyOf(event.url.pathname, context);
	try {
		const window = counted && (await spend(counted.policy, counted.key));
		if (window) context.windows.push(window);
		assertWithin(context.windows);
	} catch (thrown) {
		return problemResponse(thrown, context.requestId);
	}
	const response = await resolve(event);
	const shown = strictest(context.windows);
	if (shown) for (const [name, value] of Object.entries(windowHeaders(shown))) response.headers.set(name, value);
	return response;
};
