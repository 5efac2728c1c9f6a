import { problemOf } from '../../contract/errors.ts';
import { AppError, appErrorOf } from '../errors.ts';
import { events } from '../events.ts';
import { logger } from '../logs/logger.ts';

const log = logger('http');

/** What was thrown, as an AppError; anything unknown is logged whole and shown as an internal error with its request id. */
export function shownErrorOf(thrown: unknown, requestId: string): AppError {
	const app = appErrorOf(thrown);
	if (app) return app;
	log.error({ requestId, err: thrown instanceof Error ? { message: thrown.message, stack: thrown.stack } : String(thrown) }, 'Request failed');
	const shown = new AppError('INTERNAL_ERROR', 'Internal error', { details: `The server's log has it under request ${requestId}` });
	events.emit('server:error', { message: shown.message, code: shown.code, details: shown.details! });
	return shown;
}

/** Problem Details for whatever was thrown. */
export function problemResponse(thrown: unknown, requestId: string): Response {
	const error = shownErrorOf(thrown, requestId);
	const headers = new Headers({ 'content-type': 'application/problem+json', 'x-request-id': requestId, 'cache-control': 'no-store', ...error.headers });
	if (error.retryAfterSeconds !== undefined) headers.set('retry-after', String(error.retryAfterSeconds));
	if (error.status === 401) headers.set('www-authenticate', 'Bearer');
	return new Response(JSON.stringify(problemOf(error.facts, requestId)), { status: error.status, headers });
}
