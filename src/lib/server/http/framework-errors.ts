import type { Handle } from '@sveltejs/kit';
import { AppError } from '../errors.ts';
import { problemResponse } from './problem.ts';

/** Kit's own plain-text refusals, in the one error body: 405 with its Allow, 404 and 400 outside pages, 413. */
export const renderFrameworkErrors: Handle = async ({ event, resolve }) => {
	const response = await resolve(event);
	if (response.status < 400 || event.url.pathname.startsWith('/trpc')) return response;
	const type = response.headers.get('content-type') ?? '';
	if (type.includes('json') || type.includes('text/html')) return response;
	const { requestId } = event.locals.context;
	const allow = response.headers.get('allow');
	if (response.status === 405)
		return problemResponse(new AppError('METHOD_NOT_ALLOWED', `${event.request.method} is not allowed here${allow ? `; use ${allow}` : ''}`, { headers: allow ? { allow } : {} }), requestId);
	if (response.status === 413) return problemResponse(new AppError('PAYLOAD_TOO_LARGE', 'The request body is larger than 10 MiB'), requestId);
	if (response.status === 404) return problemResponse(new AppError('NOT_FOUND', `There is no ${event.url.pathname}`), requestId);
	if (response.status < 500) return problemResponse(new AppError('VALIDATION_ERROR', 'The request was invalid'), requestId);
	return problemResponse(new Error(`the framework answered ${response.status}`), requestId);
};
