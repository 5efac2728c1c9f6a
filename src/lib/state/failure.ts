import { isTRPCClientError } from '@trpc/client';
import type { ErrorCode } from '#lib/contract/errors.ts';
import type { PlainKey } from '#lib/i18n/index.ts';

/** What a person is told when something failed: what happened, its code, and through {@link nextStep} what to do. */
export type Failure = {
	/** null: of an answer that was stored, of which only the words are kept */
	code: Code | null;
	message: string;
	details?: string;
};
type Code = ErrorCode | 'UNREACHABLE';

/** A code without its line is a type error. The table of codes itself stays on the server: it would bring zod into every page. */
const steps: Record<Code, PlainKey> = {
	UNREACHABLE: 'error.next.unreachable',
	VALIDATION_ERROR: 'error.next.request',
	MALFORMED_BODY: 'error.next.request',
	CONTEXT_LENGTH_EXCEEDED: 'error.next.context',
	UNSUPPORTED_PARAMETER: 'error.next.request',
	UNAUTHORIZED: 'error.next.signIn',
	FORBIDDEN: 'error.next.forbidden',
	CSRF_FAILED: 'error.next.reload',
	ORIGIN_NOT_ALLOWED: 'error.next.forbidden',
	PATH_NOT_ALLOWED: 'error.next.path',
	NOT_FOUND: 'error.next.gone',
	MODEL_NOT_FOUND: 'error.next.model',
	CONVERSATION_NOT_FOUND: 'error.next.conversation',
	CATEGORY_NOT_FOUND: 'error.next.gone',
	PARAMETER_NOT_FOUND: 'error.next.gone',
	METHOD_NOT_ALLOWED: 'error.next.reload',
	CONFLICT: 'error.next.request',
	PAYLOAD_TOO_LARGE: 'error.next.request',
	UNSUPPORTED_MEDIA_TYPE: 'error.next.reload',
	UPGRADE_REQUIRED: 'error.next.reload',
	RATE_LIMITED: 'error.next.busy',
	TOO_MANY_STREAMS: 'error.next.busy',
	INTERNAL_ERROR: 'error.next.default',
	MODEL_LOAD_ERROR: 'error.next.load',
	ENGINE_CRASHED: 'error.next.crashed',
	UPSTREAM_UNAVAILABLE: 'error.next.upstream',
	QUEUE_FULL: 'error.next.busy',
	MODEL_DOES_NOT_FIT: 'error.next.memory',
	TIMEOUT: 'error.next.busy'
};

const isErrorCode = (value: unknown): value is ErrorCode => typeof value === 'string' && value in steps;

/** The failure in what the client threw. Without an answer of the server it is UNREACHABLE. */
export function failureOf(thrown: unknown): Failure {
	const message = thrown instanceof Error ? thrown.message : String(thrown);
	if (!isTRPCClientError(thrown)) return { code: 'INTERNAL_ERROR', message };
	const data = thrown.data as { appCode?: unknown; errors?: string[]; details?: string } | undefined;
	if (!data) return { code: 'UNREACHABLE', message };
	const code = isErrorCode(data.appCode) ? data.appCode : 'INTERNAL_ERROR';
	// "The request was invalid" says less than the sentences about its members.
	if (code === 'VALIDATION_ERROR' && data.errors?.length) return { code, message: data.errors.join('\n') };
	const details = data.errors?.length ? data.errors.join('\n') : data.details;
	return { code, message, ...(details && details !== message ? { details } : {}) };
}

/** What to do about a failure. */
export const nextStep = (failure: Failure): PlainKey => (failure.code === null ? 'error.next.again' : steps[failure.code]);
