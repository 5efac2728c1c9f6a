import { ZodError } from 'zod';
import { errorTable, type ErrorCode, type ErrorFacts } from '../contract/errors.ts';

/** The one error that domain code throws. Its message goes to the client: never put a secret or a foreign path in it. */
export class AppError extends Error {
	readonly code: ErrorCode;
	readonly errors: string[];
	readonly details: string | undefined;
	/** seconds; sent as Retry-After */
	readonly retryAfterSeconds: number | undefined;
	/** further response headers a transport must send, such as Allow */
	readonly headers: Record<string, string>;

	constructor(
		code: ErrorCode,
		message: string,
		options: { errors?: string[]; details?: string; retryAfterSeconds?: number; headers?: Record<string, string>; cause?: unknown } = {}
	) {
		super(message, options.cause === undefined ? undefined : { cause: options.cause });
		this.name = 'AppError';
		this.code = code;
		this.errors = options.errors ?? [];
		this.details = options.details;
		this.retryAfterSeconds = options.retryAfterSeconds;
		this.headers = options.headers ?? {};
	}

	get status(): number {
		return errorTable[this.code].status;
	}

	get facts(): ErrorFacts {
		return { code: this.code, message: this.message, errors: this.errors, details: this.details };
	}
}

/** One sentence per issue of a failed validation, each naming the member (and of a list the item) unless the message already does. */
export function sentencesOf(error: ZodError): string[] {
	return error.issues.map(({ path, message }) => {
		const begins = (text: string) => message.toLowerCase().startsWith(text.toLowerCase());
		const whole = path.map(String).join('.');
		if (begins(whole)) return message;
		const named = typeof path.at(-1) === 'string' && begins(String(path.at(-1)));
		const item = path.findLastIndex((step) => typeof step === 'number');
		const rest = named ? path.slice(0, item + 1).join('.') : whole;
		return rest === '' ? message : `${rest}: ${message}`;
	});
}

/** The AppError in whatever was thrown: itself, its cause, or bad input. Undefined: an internal error that must not be shown. */
export function appErrorOf(thrown: unknown): AppError | undefined {
	for (let e: unknown = thrown, depth = 0; e instanceof Error && depth < 4; e = e.cause, depth++) {
		if (e instanceof AppError) return e;
		if (e instanceof ZodError) return new AppError('VALIDATION_ERROR', 'The request was invalid', { errors: sentencesOf(e), cause: e });
	}
	return undefined;
}

/** Whether a thrown value only says that its operation was cancelled. */
export function isAbort(thrown: unknown): boolean {
	return thrown instanceof Error && (thrown.name === 'AbortError' || thrown.name === 'ResponseAborted');
}
