import { getWSConnectionHandler } from '@trpc/server/adapters/ws';
import type { WebSocket, WebSocketServer } from 'ws';
import { signInFirst } from '../auth/admit.ts';
import { authenticate } from '../auth/authenticate.ts';
import { appErrorOf } from '../errors.ts';
import { shownErrorOf } from '../http/problem.ts';
import type { Context } from '../trpc/context.ts';
import { appRouter } from '../trpc/router.ts';
import { endWithSession, type SocketHandler } from './upgrade.ts';

/**
 * A program that can set no header on an upgrade gives its token in the connection's parameters, where it counts as a Bearer. With a
 * bad one every call is refused and the socket stays: were it closed, tRPC's client would connect again and again instead of telling.
 */
async function withToken(context: Context, token: string, socket: WebSocket): Promise<Context> {
	const shown = await authenticate({ bearer: token, cookie: undefined }).catch((thrown: unknown) => ({ refusal: appErrorOf(thrown) ?? signInFirst() }));
	if ('refusal' in shown) return { ...context, identity: null, by: null, open: false, refusal: shown.refusal };
	const { identity, by } = shown;
	if (!identity) return context;
	return { ...context, identity, by, signal: AbortSignal.any([context.signal, endWithSession(socket, identity)]) };
}

/** tRPC over WebSocket, through tRPC's own adapter. */
export function trpcSocket(server: WebSocketServer): SocketHandler {
	return (socket, request, context) => {
		getWSConnectionHandler({
			wss: server,
			router: appRouter,
			createContext: async ({ info }) => {
				const token = info.connectionParams?.token;
				return token === undefined ? context : withToken(context, token, socket);
			},
			onError: ({ error }) => void shownErrorOf(error, context.requestId)
		})(socket, request);
	};
}
