import type { RequestEvent } from '@sveltejs/kit';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { appRouter } from '../trpc/router.ts';
import { shownErrorOf } from './problem.ts';

/** Calls a batch may hold: one batch is one request to the rate limit. */
export const maxBatchSize = 20;

/** tRPC over HTTP: batch, stream and SSE subscriptions, through tRPC's own adapter. */
export function serveTrpc(event: RequestEvent): Promise<Response> {
	const { context } = event.locals;
	return fetchRequestHandler({
		endpoint: '/trpc',
		req: event.request,
		router: appRouter,
		maxBatchSize,
		createContext: () => ({ ...context, transport: 'trpc' as const }),
		onError: ({ error }) => void shownErrorOf(error, context.requestId)
	});
}
