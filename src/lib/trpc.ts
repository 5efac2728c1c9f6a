import { createTRPCClient, createWSClient, httpBatchStreamLink, splitLink, wsLink } from '@trpc/client';
import superjson from 'superjson';
import { connection } from '#lib/state/connection.svelte.ts';
import type { AppRouter } from '#lib/server/trpc/router.ts';

/** Server's limit on a batch (one HTTP request). */
const maxItems = 10;

const socket = createWSClient({
	url: () => `${location.origin.replace(/^http/, 'ws')}/trpc`,
	// The first retry at once: most gaps are a server that was restarted or a device that woke.
	retryDelayMs: (attempt) => (attempt === 0 ? 0 : Math.min(250 * 2 ** attempt, 4_000)),
	keepAlive: { enabled: true, intervalMs: 15_000, pongTimeoutMs: 5_000 },
	onOpen: () => connection.onOpen(),
	onClose: () => connection.onClose()
});

/**
 * The typed client of every page. Subscriptions share one WebSocket, which resumes each after a gap by its last event's id;
 * the rest goes over HTTP, batched, each answer streamed as it is ready. Browser only: importing it opens the socket.
 */
export const trpc = createTRPCClient<AppRouter>({
	links: [
		splitLink({
			condition: (operation) => operation.type === 'subscription',
			true: wsLink({ client: socket, transformer: superjson }),
			false: httpBatchStreamLink({ url: '/trpc', transformer: superjson, maxItems })
		})
	]
});
