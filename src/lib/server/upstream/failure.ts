import type { ErrorCode } from '../../contract/errors.ts';
import { AppError } from '../errors.ts';

type Weight = {
	/** another upstream with the same model may do better */
	elsewhere?: boolean;
	/** speaks against the server, not against the request: counts for the circuit breaker */
	down?: boolean;
	details?: string;
	retryAfterSeconds?: number;
	cause?: unknown;
};

/** Why an upstream gave no answer. Names the upstream, never its address or key. */
export class UpstreamFailure extends AppError {
	readonly elsewhere: boolean;
	readonly down: boolean;

	constructor(code: ErrorCode, message: string, { elsewhere = false, down = false, ...options }: Weight = {}) {
		super(code, message, options);
		this.elsewhere = elsewhere;
		this.down = down;
	}
}

/** The server can't be reached, or breaks off. @param why follows "The upstream NAME " */
export const unavailable = (name: string, why: string, options: Weight = {}) =>
	new UpstreamFailure('UPSTREAM_UNAVAILABLE', `The upstream ${name} ${why}`, { elsewhere: true, down: true, ...options });

/** It took too long. @param why follows "The upstream NAME " */
export const timedOut = (name: string, why: string) => new UpstreamFailure('TIMEOUT', `The upstream ${name} ${why}`, { elsewhere: true, down: true });

/**
 * The sentence in an upstream's error, which may be a string, OpenAI's object, FastAPI's `detail` or nothing at all.
 * It is foreign text: one line, at most 500 characters.
 */
export function errorTextOf(body: unknown, depth = 0): string | undefined {
	if (typeof body === 'string') {
		 
		const line = body.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trim();
		return line ? line.slice(0, 500) : undefined;
	}
	if (typeof body !== 'object' || body === null || depth > 3) return undefined;
	const { error, message, detail, msg } = body as Record<string, unknown>;
	for (const inner of [error, message, detail, msg]) {
		const found = errorTextOf(inner, depth + 1);
		if (found) return found;
	}
	return Array.isArray(body) ? errorTextOf(body[0], depth + 1) : undefined;
}

const badCredentials = (name: string, status: number) => unavailable(name, `refuses our credentials (${status}); an administrator must set its API key`, { down: false });

/** What came instead of a list of models. The server's own words are in the details: anybody may read the message, on health checks too. */
export function noListOf(name: string, status: number, body: unknown): UpstreamFailure {
	if (status === 401 || status === 403) return badCredentials(name, status);
	const said = errorTextOf(body);
	const why = status === 200 ? 'answers, but with no list of models; is it LM Studio or an OpenAI-compatible server?' : `answers the question for its models with status ${status}`;
	return unavailable(name, why, { down: false, ...(said ? { details: said } : {}) });
}

const tooLong = /context.{0,40}(length|size|window|overflow)|exceed_context|too many tokens|prompt is too long|n_ctx|maximum context/i;

/** What an error status, or a 200 that holds an error, means for the caller. Status 200 is LM Studio's "Unexpected endpoint". */
export function refusalOf(name: string, status: number, body: unknown, retryAfter: string | undefined): UpstreamFailure {
	const told = errorTextOf(body);
	const said = told ? `: ${told}` : '';
	if (status === 401 || status === 403) return badCredentials(name, status);
	if (status === 429 || status === 503) {
		const seconds = Number(retryAfter);
		return new UpstreamFailure('QUEUE_FULL', `The upstream ${name} is busy${said}`, { elsewhere: true, down: status === 503, retryAfterSeconds: seconds > 0 && seconds < 3600 ? Math.ceil(seconds) : 5 });
	}
	if (status === 413) return new UpstreamFailure('PAYLOAD_TOO_LARGE', `The request is too large for the upstream ${name}${said}`);
	if (status === 408 || status === 504) return new UpstreamFailure('TIMEOUT', `The upstream ${name} ran out of time${said}`, { elsewhere: true, down: true });
	if (status < 500 && told && tooLong.test(told)) return new UpstreamFailure('CONTEXT_LENGTH_EXCEEDED', `The prompt is too long for the model at the upstream ${name}`, { elsewhere: true, details: told });
	if (status === 404) return new UpstreamFailure('MODEL_NOT_FOUND', `The upstream ${name} no longer has this model${said}`, { elsewhere: true });
	if (status >= 400 && status < 500) return new UpstreamFailure('VALIDATION_ERROR', `The upstream ${name} refused the request${said}`);
	return unavailable(name, `failed${status === 200 ? '' : ` with status ${status}`}${said}`, { down: status === 502 });
}
