import type { Handle } from '@sveltejs/kit';
import { randomUUID } from 'node:crypto';
import { bridge } from '../bridge.ts';
import { AppError } from '../errors.ts';
import { events, type Events } from '../events.ts';
import { shutdownSignal } from '../lifecycle.ts';
import { logger } from '../logs/logger.ts';
import { cookiesOf } from './authenticate.ts';
import { problemResponse } from './problem.ts';

const log = logger('access');

/** `/api/conversations/[id]` → `/api/conversations/{id}`, as the documents write it; pages and assets have none. */
const endpointOf = (routeId: string | null) => (routeId ?? 'unknown').replace(/\[\[?(?:\.\.\.)?(\w+)\]?\]/g, '{$1}');

/** What proxies log for a client that left before it was answered; no such status is ever sent. */
export const clientLeft = 499;

/** Writes a line of the access log (address, endpoint, status, duration, time; of credentials nothing) and tells everybody who counts requests. */
export function tellAccess(row: Events['request:done']): void {
	log[row.status >= 500 ? 'error' : 'info'](row, `${row.ip} ${row.method} ${row.path} ${row.status} ${row.durationMs} ms`);
	events.emit('request:done', row);
}

/** The outermost step: request id, the caller's true address and leaving, and one log line per call of the API, when it has ended. */
export const accessLog: Handle = async ({ event, resolve }) => {
	const startedAt = performance.now();
	const requestId = event.request.headers.get('x-request-id') ?? randomUUID();
	const facts = bridge.requests.get(requestId);
	const ip = facts?.ip ?? '';
	if (shutdownSignal().aborted) facts?.leave();
	event.locals.context = {
		identity: null,
		by: null,
		open: false,
		refusal: undefined,
		cookies: cookiesOf(event),
		windows: [],
		requestId,
		ip,
		userAgent: event.request.headers.get('user-agent') ?? '',
		transport: 'rest',
		signal: facts?.gone ?? shutdownSignal()
	};
	events.emit('request:started', { path: event.url.pathname });
	const response = facts?.refusal
		? problemResponse(new AppError('VALIDATION_ERROR', facts.refusal), requestId)
		: await resolve(event);
	if (!/^\/(api|v1|health|metrics|trpc)(\/|$)/.test(event.url.pathname)) return response;
	const tell = (headSent: boolean) =>
		tellAccess({
			method: event.request.method,
			endpoint: endpointOf(event.route.id),
			path: event.url.pathname,
			status: headSent ? response.status : clientLeft,
			durationMs: Math.round((performance.now() - startedAt) * 10) / 10,
			ip,
			requestId,
			user: event.locals.context.identity?.username ?? null
		});
	// A stream is done when its last byte is out or the client has left, not when its head is.
	if (facts) facts.closed.push(tell);
	else tell(true);
	return response;
};
