import { AppError } from '#lib/server/errors.ts';
import { endpoint } from '#lib/server/http/endpoint.ts';

export const fallback = endpoint(({ event }) => {
	throw new AppError('NOT_FOUND', `There is no ${event.request.method} ${event.url.pathname}`);
});
