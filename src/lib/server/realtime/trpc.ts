import { getWSConnectionHandler } from '@trpc/server/adapters/ws';
import type { WebSocketServer } from 'ws';
import { shownErrorOf } from '../http/problem.ts';
import type { Context } from '../trpc/context.ts';
import { appRouter } from '../trpc/router.ts';
import type { SocketHandler } from './upgrade.ts';

/** tRPC over WebSocket, through tRPC's own adapter. A socket keeps the identity of its upgrade; an ended session closes it. */
export function trpcSocket(server: WebSocketServer, contextOf: (requestId: string) => Context): SocketHandler {
	return (socket, request, requestId) => {
		const context = contextOf(requestId);
		const left = new AbortController();
		socket.once('close', () => left.abort());
		getWSConnectionHandler({
			wss: server,
			router: appRouter,
			createContext: () => ({ ...context, signal: AbortSignal.any([context.signal, left.signal]) }),
			onError: ({ error }) => void shownErrorOf(error, requestId)
		})(socket, request);
	};
}
