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
	/** A streamed tRPC batch has sent its head before its calls run; their caller finds the token in the answer. */
	const unlessSent = (write: () => void) => {
		try {
			write();
		} catch (thrown) {
			if (!/after the response has been generated/.test(String(thrown))) throw thrown;
		}
	};
	return {
		get: (name) => cookies.get(name),
		set: (name, value) => unlessSent(() => cookies.set(name, value, attributes)),
		clear: (name) => unlessSent(() => cookies.delete(name, attributes))
	};
}

/** Says who is calling, and whether the route is closed to the caller; what that means is the last step's to tell, once it was counted. */
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
		if (renewedToken && by === 'cookie') context.cookies.set(tokenCookie, renewedToken);
	} catch (thrown) {
		return problemResponse(thrown, context.requestId);
	}
	if (context.identity && facts) {
		const { ended, release } = watchSession(context.identity);
		ended.addEventListener('abort', facts.leave);
		facts.closed.push(() => {
			ended.removeEventListener('abort', facts.leave);
			release();
		});
	}
	return resolve(event);
};

/** A route that is closed to the caller answers before anything of the body is read. tRPC renders the refusal in its own way. */
export const refuseClosed: Handle = ({ event, resolve }) => {
	const { refusal, open, requestId } = event.locals.context;
	const route = event.route.id ?? event.url.pathname;
	return refusal && !open && /^\/(api|v1)(\/|$)/.test(route) ? problemResponse(refusal, requestId) : resolve(event);
};
