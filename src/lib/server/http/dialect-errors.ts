import type { Handle } from '@sveltejs/kit';
import type { ErrorFacts, Problem } from '../../contract/errors.ts';
import { openAiError, openAiRetryHeaders } from '../../dialects/openai-error.ts';

/**
 * Refusals under `/v1` in the envelope of that dialect, wherever they arose: in an endpoint, in a step before it, or in
 * the framework. Inside the server there is one error body.
 */
export const renderDialectErrors: Handle = async ({ event, resolve }) => {
	const response = await resolve(event);
	if (!/^\/v1(\/|$)/.test(event.url.pathname) || response.headers.get('content-type') !== 'application/problem+json') return response;
	const { code, detail, details, errors } = (await response.json()) as Problem & ErrorFacts;
	const headers = new Headers(response.headers);
	headers.delete('content-length');
	headers.set('content-type', 'application/json');
	const retryAfter = Number(headers.get('retry-after') ?? NaN);
	for (const [name, value] of Object.entries(openAiRetryHeaders(code, Number.isNaN(retryAfter) ? undefined : retryAfter))) headers.set(name, value);
	return new Response(JSON.stringify(openAiError({ code, message: detail, details, errors })), { status: response.status, headers });
};
