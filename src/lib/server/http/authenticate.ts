import type { Handle, RequestEvent } from '@sveltejs/kit';
import { admitCaller } from '../auth/admit.ts';
import { tokenCookie } from '../auth/authenticate.ts';
import { watchSession } from '../auth/session-watch.ts';
import { bridge } from '../bridge.ts';
import type { Cookies } from '../trpc/context.ts';
import { problemResponse } from './problem.ts';

/** `Secure` only over https: a browser sends a Secure cookie back on no plain LAN address, and signing in would fail silently. */
export function cookiesOf({ cookies, url }: RequestEvent): Cookies {
	const attributes = { path: '/', httpOnly: true, sameSite: 'lax', secure: url.protocol === 'https:' } as const;
	return {
		get: (name) => cookies.get(name),
		set: (name, value) => cookies.set(name, value, attributes),
		clear: (name) => cookies.delete(name, attributes)
	};
}

/**
 * Says who is calling. A route that is closed to the caller answers here, before anything of the body is read; those that render
 * errors in their own way (/v1, tRPC) find the refusal in the context.
 */
export const authenticate: Handle = async ({ event, resolve }) => {
	const { context } = event.locals;
	const { headers } = event.request;
	const facts = bridge.requests.get(context.requestId);
	const route = event.route.id ?? event.url.pathname;
	try {
		const { identity, by, open, refusal, renewedToken } = await admitCaller({
			route,
			host: event.url.hostname,
			origin: headers.get('origin') ?? undefined,
			ownOrigin: event.url.origin,
			forwarded: facts?.forwarded ?? false,
			header: (name) => headers.get(name)
		});
		Object.assign(context, { identity, by, open, refusal });
		if (refusal && !open && /^\/api(\/|$)/.test(route)) throw refusal;
		if (renewedToken && by === 'cookie') context.cookies.set(tokenCookie, renewedToken);
	} catch (thrown) {
		return problemResponse(thrown, context.requestId);
	}
	if (context.identity && facts) {
		const { ended, release } = watchSession(context.identity);
		context.signal = AbortSignal.any([context.signal, ended]);
		facts.closed.push(release);
	}
	return resolve(event);
};
