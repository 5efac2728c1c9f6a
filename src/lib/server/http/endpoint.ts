import type { RequestEvent, RequestHandler } from '@sveltejs/kit';
import { createCaller, type Caller } from '../trpc/caller.ts';
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

/**
 * A REST endpoint over tRPC: hands raw params, query and body to a procedure, which validates them, and renders what
 * it answers. A returned Response passes through; undefined is 204; everything else is JSON with 200.
 */
export function endpoint(run: (input: EndpointInput) => unknown, render: (thrown: unknown, requestId: string) => Response = problemResponse): RequestHandler {
	return async (event) => {
		const { requestId, refusal } = event.locals.context;
		try {
			if (refusal) throw refusal; // before the body is read
			const body = event.request.method === 'GET' || event.request.method === 'HEAD' ? undefined : await readJson(event.request);
			const answer = await run({ caller: createCaller(event.locals.context), body, params: event.params as Record<string, string>, query: event.url.searchParams, event });
			if (answer instanceof Response) return answer;
			if (answer === undefined) return new Response(null, { status: 204 });
			return Response.json(answer);
		} catch (thrown) {
			return render(thrown, requestId);
		}
	};
}
