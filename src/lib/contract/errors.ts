import { z } from 'zod';

/**
 * THE error table: code → HTTP status and tRPC code. Source: the contract's section 5.
 * Everything that fails on purpose fails with one of these codes; transports translate.
 */
export const errorTable = {
	VALIDATION_ERROR: { status: 400, trpc: 'BAD_REQUEST' },
	MALFORMED_BODY: { status: 400, trpc: 'BAD_REQUEST' },
	CONTEXT_LENGTH_EXCEEDED: { status: 400, trpc: 'BAD_REQUEST' },
	UNSUPPORTED_PARAMETER: { status: 400, trpc: 'BAD_REQUEST' },
	UNAUTHORIZED: { status: 401, trpc: 'UNAUTHORIZED' },
	FORBIDDEN: { status: 403, trpc: 'FORBIDDEN' },
	CSRF_FAILED: { status: 403, trpc: 'FORBIDDEN' },
	ORIGIN_NOT_ALLOWED: { status: 403, trpc: 'FORBIDDEN' },
	PATH_NOT_ALLOWED: { status: 403, trpc: 'FORBIDDEN' },
	NOT_FOUND: { status: 404, trpc: 'NOT_FOUND' },
	MODEL_NOT_FOUND: { status: 404, trpc: 'NOT_FOUND' },
	CONVERSATION_NOT_FOUND: { status: 404, trpc: 'NOT_FOUND' },
	CATEGORY_NOT_FOUND: { status: 404, trpc: 'NOT_FOUND' },
	PARAMETER_NOT_FOUND: { status: 404, trpc: 'NOT_FOUND' },
	METHOD_NOT_ALLOWED: { status: 405, trpc: 'METHOD_NOT_SUPPORTED' },
	CONFLICT: { status: 409, trpc: 'CONFLICT' },
	PAYLOAD_TOO_LARGE: { status: 413, trpc: 'PAYLOAD_TOO_LARGE' },
	UNSUPPORTED_MEDIA_TYPE: { status: 415, trpc: 'UNSUPPORTED_MEDIA_TYPE' },
	UPGRADE_REQUIRED: { status: 426, trpc: 'BAD_REQUEST' },
	RATE_LIMITED: { status: 429, trpc: 'TOO_MANY_REQUESTS' },
	TOO_MANY_STREAMS: { status: 429, trpc: 'TOO_MANY_REQUESTS' },
	INTERNAL_ERROR: { status: 500, trpc: 'INTERNAL_SERVER_ERROR' },
	MODEL_LOAD_ERROR: { status: 500, trpc: 'INTERNAL_SERVER_ERROR' },
	ENGINE_CRASHED: { status: 500, trpc: 'INTERNAL_SERVER_ERROR' },
	UPSTREAM_UNAVAILABLE: { status: 502, trpc: 'BAD_GATEWAY' },
	QUEUE_FULL: { status: 503, trpc: 'SERVICE_UNAVAILABLE' },
	MODEL_DOES_NOT_FIT: { status: 503, trpc: 'SERVICE_UNAVAILABLE' },
	TIMEOUT: { status: 504, trpc: 'GATEWAY_TIMEOUT' }
} as const;

export type ErrorCode = keyof typeof errorTable;

/** RFC 7231 / 6585 / 7235 sections and reason phrases of the statuses in the table. */
const statusTable: Record<number, { title: string; type: string }> = {
	400: { title: 'Bad Request', type: 'https://tools.ietf.org/html/rfc7231#section-6.5.1' },
	401: { title: 'Unauthorized', type: 'https://tools.ietf.org/html/rfc7235#section-3.1' },
	403: { title: 'Forbidden', type: 'https://tools.ietf.org/html/rfc7231#section-6.5.3' },
	404: { title: 'Not Found', type: 'https://tools.ietf.org/html/rfc7231#section-6.5.4' },
	405: { title: 'Method Not Allowed', type: 'https://tools.ietf.org/html/rfc7231#section-6.5.5' },
	409: { title: 'Conflict', type: 'https://tools.ietf.org/html/rfc7231#section-6.5.8' },
	413: { title: 'Payload Too Large', type: 'https://tools.ietf.org/html/rfc7231#section-6.5.11' },
	415: { title: 'Unsupported Media Type', type: 'https://tools.ietf.org/html/rfc7231#section-6.5.13' },
	426: { title: 'Upgrade Required', type: 'https://tools.ietf.org/html/rfc7231#section-6.5.15' },
	429: { title: 'Too Many Requests', type: 'https://tools.ietf.org/html/rfc6585#section-4' },
	431: { title: 'Request Header Fields Too Large', type: 'https://tools.ietf.org/html/rfc6585#section-5' },
	500: { title: 'Internal Server Error', type: 'https://tools.ietf.org/html/rfc7231#section-6.6.1' },
	502: { title: 'Bad Gateway', type: 'https://tools.ietf.org/html/rfc7231#section-6.6.3' },
	503: { title: 'Service Unavailable', type: 'https://tools.ietf.org/html/rfc7231#section-6.6.4' },
	504: { title: 'Gateway Timeout', type: 'https://tools.ietf.org/html/rfc7231#section-6.6.5' }
};

/** Body of every 4xx/5xx outside `/v1`, `/trpc` and pages: Problem Details plus document A's members. */
export const problemSchema = z.object({
	type: z.string(),
	title: z.string(),
	status: z.number().int(),
	detail: z.string(),
	errors: z.array(z.string()),
	error: z.string(),
	code: z.string(),
	details: z.string(),
	requestId: z.string()
});
export type Problem = z.infer<typeof problemSchema>;

/** What an error tells the outside: the members that every transport renders. */
export type ErrorFacts = {
	code: ErrorCode;
	message: string;
	/** one sentence per bad item */
	errors?: string[];
	/** the longer explanation; falls back to the first of `errors`, then to the message */
	details?: string;
};

/** Problem Details for an error. `status` defaults to the table's. Pure. */
export function problemOf(facts: ErrorFacts, requestId: string, status: number = errorTable[facts.code].status): Problem {
	const { title, type } = statusTable[status] ?? statusTable[500]!;
	const errors = facts.errors ?? [];
	return {
		type, title, status,
		detail: facts.message,
		errors,
		error: facts.message,
		code: facts.code,
		details: facts.details ?? (errors.join('; ') || facts.message),
		requestId
	};
}
