import type { RequestEvent, RequestHandler } from '@sveltejs/kit';
import { createCaller, type Caller } from '../trpc/caller.ts';
import { AppError } from '../errors.ts';
import { readJson } from './body.ts';
import { problemResponse } from './problem.ts';

export type EndpointInput = {
	caller: Caller;
	/** the request's JSON, not yet validated (the procedure does that, once); undefined for an empty body and for GET */
	// eslint-disable-next-line @typescript-eslint/no-explicit-any
	body: any;
	params: Record<string, string>;
	query: URLSearchParams;
	event: RequestEvent;
};

/** Milliseconds that an operation may take which is not a generation: document A's 30 s. */
const operationLimitMs = 30_000;

/**
 * A REST endpoint over tRPC: hands raw params, query and body to a procedure, which validates them, and renders what
 * it answers. A returned Response passes through; undefined is 204; everything else is JSON with 200.
 * @param limitMs milliseconds until 504; Infinity for generations, which have limits of their own
 */
export function endpoint(run: (input: EndpointInput) => unknown, limitMs = operationLimitMs): RequestHandler {
	return async (event) => {
		const { context } = event.locals;
		const given = new AbortController();
		const answering = async () => {
			if (context.refusal) throw context.refusal; // before the body is read
			const body = event.request.method === 'GET' || event.request.method === 'HEAD' ? undefined : await readJson(event.request);
			const caller = createCaller(Number.isFinite(limitMs) ? { ...context, signal: AbortSignal.any([context.signal, given.signal]) } : context);
			return run({ caller, body, params: event.params as Record<string, string>, query: event.url.searchParams, event });
		};
		try {
			const answer = await (Number.isFinite(limitMs) ? within(limitMs, given, answering()) : answering());
			if (answer instanceof Response) return answer;
			if (answer === undefined) return new Response(null, { status: 204 });
			return Response.json(answer);
		} catch (thrown) {
			return problemResponse(thrown, context.requestId);
		}
	};
}

/** The operation's result, or TIMEOUT, which also aborts `given` so that the operation stops. */
async function within<T>(limitMs: number, given: AbortController, operation: Promise<T>): Promise<T> {
	let timer: NodeJS.Timeout | undefined;
	const over = new Promise<never>((_, reject) => {
		timer = setTimeout(() => {
			const error = new AppError('TIMEOUT', `The operation took longer than ${limitMs / 1000} s and was given up`);
			given.abort(error);
			reject(error);
		}, limitMs);
	});
	try {
		return await Promise.race([operation, over]);
	} finally {
		clearTimeout(timer);
	}
}
