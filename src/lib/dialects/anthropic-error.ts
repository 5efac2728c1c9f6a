import { errorTable, type ErrorCode, type ErrorFacts } from '../contract/errors.ts';

/** Anthropic's types by status; what is missing is `api_error`. */
const types: Record<number, string> = { 400: 'invalid_request_error', 401: 'authentication_error', 403: 'permission_error', 404: 'not_found_error', 405: 'invalid_request_error', 409: 'invalid_request_error', 413: 'request_too_large', 415: 'invalid_request_error', 429: 'rate_limit_error', 503: 'overloaded_error', 504: 'timeout_error' };

/** Clients shorten a conversation when they read these words, with the two numbers in them. */
function tooLong(message: string): string {
	const [, tokens, most] = /(\d+) tokens\D+(\d+)/.exec(message) ?? [];
	return tokens === undefined ? `prompt is too long: ${message}` : `prompt is too long: ${tokens} tokens > ${most} maximum`;
}

/** An error as Anthropic's clients read it. */
export function anthropicError({ code, message, details, errors = [] }: ErrorFacts, requestId: string) {
	const sentence = errors.length ? errors.join('; ') : details === undefined || details === message ? message : `${message}. ${details}`;
	const type = types[errorTable[code as ErrorCode].status] ?? 'api_error';
	return { type: 'error' as const, error: { type, message: code === 'CONTEXT_LENGTH_EXCEEDED' ? tooLong(sentence) : sentence }, request_id: requestId };
}
