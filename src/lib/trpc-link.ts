import { httpBatchStreamLink, httpLink, splitLink, wsLink, type TRPCLink, type TRPCWebSocketClient } from '@trpc/client';
import superjson from 'superjson';
import type { AppRouter } from './server/trpc/router.ts';

/** Calls that go in one HTTP request; the server takes up to twenty. */
const maxItems = 10;

type Wire = {
	/** of `/trpc` */
	url: string;
	socket: TRPCWebSocketClient;
	headers?: () => Promise<Record<string, string>>;
	fetch?: typeof globalThis.fetch;
};

/**
 * How a typed call travels. Subscriptions share one WebSocket, which resumes each after a gap by its last event's id;
 * the rest goes over HTTP, batched, each answer streamed as it is ready.
 */
export const trpcLink = ({ url, socket, headers, fetch }: Wire): TRPCLink<AppRouter> => {
	const http = { url, transformer: superjson, ...(headers ? { headers } : {}), ...(fetch ? { fetch } : {}) };
	return splitLink({
		condition: (operation) => operation.type === 'subscription',
		true: wsLink({ client: socket, transformer: superjson }),
		false: splitLink({
			condition: (operation) => operation.path.startsWith('auth.'),
			true: httpLink(http), // whole: the head of a streamed answer is gone before it could set a cookie
			false: httpBatchStreamLink({ ...http, maxItems })
		})
	});
};
