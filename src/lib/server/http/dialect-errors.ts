import type { Handle } from '@sveltejs/kit';
import type { ErrorFacts, Problem } from '../../contract/errors.ts';
import { anthropicError } from '../../dialects/anthropic-error.ts';
import { openAiError, openAiRetryHeaders } from '../../dialects/openai-error.ts';

const isAnthropic = (path: string) => /^\/v1\/messages(\/|$)/.test(path);

/**
 * Refusals under `/v1` in the envelope of that dialect, wherever they arose: in an endpoint, in a step before it, or in
 * the framework. Inside the server there is one error body. Anthropic's clients read a request's id from a header of their own.
 */
export const renderDialectErrors: Handle = async ({ event, resolve }) => {
	const response = await resolve(event);
	const path = event.url.pathname;
	if (!/^\/v1(\/|$)/.test(path)) return response;
	const requestId = response.headers.get('x-request-id') ?? event.locals.context?.requestId ?? '';
	if (isAnthropic(path)) response.headers.set('request-id', requestId);
	if (response.headers.get('content-type') !== 'application/problem+json') return response;
	const { code, detail, details, errors } = (await response.json()) as Problem & ErrorFacts;
	const headers = new Headers(response.headers);
	headers.delete('content-length');
	headers.set('content-type', 'application/json');
	const retryAfter = Number(headers.get('retry-after') ?? NaN);
	for (const [name, value] of Object.entries(openAiRetryHeaders(code, Number.isNaN(retryAfter) ? undefined : retryAfter))) headers.set(name, value);
	const facts = { code, message: detail, details, errors };
	return new Response(JSON.stringify(isAnthropic(path) ? anthropicError(facts, requestId) : openAiError(facts)), { status: response.status, headers });
};
