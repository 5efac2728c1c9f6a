import type { ErrorCode, ErrorFacts } from '../contract/errors.ts';

/** OpenAI's words for our codes; one that is missing is `server_error` and its own name in small letters. */
const words: Partial<Record<ErrorCode, { type: string; code: string | null; param?: string }>> = {
	VALIDATION_ERROR: { type: 'invalid_request_error', code: null },
	MALFORMED_BODY: { type: 'invalid_request_error', code: null },
	CONTEXT_LENGTH_EXCEEDED: { type: 'invalid_request_error', code: 'context_length_exceeded', param: 'messages' },
	UNSUPPORTED_PARAMETER: { type: 'invalid_request_error', code: 'unsupported_parameter' },
	UNAUTHORIZED: { type: 'invalid_request_error', code: 'invalid_api_key' },
	FORBIDDEN: { type: 'permission_error', code: 'forbidden' },
	CSRF_FAILED: { type: 'permission_error', code: 'csrf_failed' },
	ORIGIN_NOT_ALLOWED: { type: 'permission_error', code: 'origin_not_allowed' },
	NOT_FOUND: { type: 'invalid_request_error', code: 'unknown_url' },
	MODEL_NOT_FOUND: { type: 'invalid_request_error', code: 'model_not_found', param: 'model' },
	CONVERSATION_NOT_FOUND: { type: 'invalid_request_error', code: 'conversation_not_found', param: 'conversation_id' },
	METHOD_NOT_ALLOWED: { type: 'invalid_request_error', code: 'method_not_allowed' },
	PAYLOAD_TOO_LARGE: { type: 'invalid_request_error', code: 'request_too_large' },
	UNSUPPORTED_MEDIA_TYPE: { type: 'invalid_request_error', code: 'unsupported_media_type' },
	RATE_LIMITED: { type: 'rate_limit_error', code: 'rate_limit_exceeded' },
	TOO_MANY_STREAMS: { type: 'rate_limit_error', code: 'rate_limit_exceeded' }
};

/** An error as OpenAI's clients read it: always an object, its sentence whole, and the member at fault where one is. */
export function openAiError({ code, message: sentence, details = sentence, errors = [] }: ErrorFacts) {
	const { type, code: word, param } = words[code] ?? { type: 'server_error', code: code.toLowerCase() };
	const at = errors.map((sentence) => /^([a-z_][\w.]*)(?::| (?:is|must)\b)/i.exec(sentence)?.[1]).find(Boolean);
	const message = errors.length ? errors.join('; ') : details === sentence ? sentence : `${sentence}. ${details}`;
	return { error: { message, type, param: param ?? at ?? null, code: word } };
}

/** Failures that the clients' own second and third try would only repeat at the same price. */
const notWorthRepeating: readonly ErrorCode[] = ['MODEL_LOAD_ERROR', 'ENGINE_CRASHED', 'MODEL_DOES_NOT_FIT', 'TIMEOUT'];

/** Headers that OpenAI's clients go by when they decide on another try. */
export function openAiRetryHeaders(code: ErrorCode, retryAfterSeconds: number | undefined): Record<string, string> {
	return {
		...(notWorthRepeating.includes(code) ? { 'x-should-retry': 'false' } : {}),
		...(retryAfterSeconds === undefined ? {} : { 'retry-after-ms': String(retryAfterSeconds * 1000) })
	};
}
