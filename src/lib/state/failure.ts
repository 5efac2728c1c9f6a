import { isTRPCClientError } from '@trpc/client';
import { errorTable, type ErrorCode } from '#lib/contract/errors.ts';
import type { PlainKey } from '#lib/i18n/index.ts';

/** What a person is told when something failed: what happened, its code, and through {@link nextStep} what to do. */
export type Failure = { code: ErrorCode | 'UNREACHABLE'; message: string; details?: string };

const isErrorCode = (value: unknown): value is ErrorCode => typeof value === 'string' && value in errorTable;

/** The failure in what the client threw. Without an answer of the server it is UNREACHABLE. */
export function failureOf(thrown: unknown): Failure {
	const message = thrown instanceof Error ? thrown.message : String(thrown);
	if (!isTRPCClientError(thrown)) return { code: 'INTERNAL_ERROR', message };
	const data = thrown.data as { appCode?: unknown; errors?: string[]; details?: string } | undefined;
	if (!data) return { code: 'UNREACHABLE', message };
	const details = data.errors?.length ? data.errors.join('\n') : data.details;
	return { code: isErrorCode(data.appCode) ? data.appCode : 'INTERNAL_ERROR', message, ...(details && details !== message ? { details } : {}) };
}

const steps: Partial<Record<Failure['code'], PlainKey>> = {
	UNREACHABLE: 'error.next.unreachable',
	VALIDATION_ERROR: 'error.next.request',
	UNSUPPORTED_PARAMETER: 'error.next.request',
	PAYLOAD_TOO_LARGE: 'error.next.request',
	CONTEXT_LENGTH_EXCEEDED: 'error.next.context',
	UNAUTHORIZED: 'error.next.signIn',
	FORBIDDEN: 'error.next.forbidden',
	PATH_NOT_ALLOWED: 'error.next.path',
	NOT_FOUND: 'error.next.answer',
	MODEL_NOT_FOUND: 'error.next.model',
	MODEL_LOAD_ERROR: 'error.next.load',
	ENGINE_CRASHED: 'error.next.crashed',
	UPSTREAM_UNAVAILABLE: 'error.next.upstream',
	RATE_LIMITED: 'error.next.busy',
	TOO_MANY_STREAMS: 'error.next.busy',
	QUEUE_FULL: 'error.next.busy',
	TIMEOUT: 'error.next.busy',
	MODEL_DOES_NOT_FIT: 'error.next.memory'
};

/** What to do about a failure. */
export const nextStep = (failure: Failure): PlainKey => steps[failure.code] ?? 'error.next.default';
