import { createTRPCClient, createWSClient, httpBatchStreamLink, httpLink, splitLink, wsLink, type TRPCLink } from '@trpc/client';
import { observable } from '@trpc/server/observable';
import superjson from 'superjson';
import { connection } from '#lib/state/connection.svelte.ts';
import { signInAgain } from '#lib/state/sign-in-again.ts';
import type { AppRouter } from '#lib/server/trpc/router.ts';

/** The server closes a socket with it whose session has ended. */
const sessionEnded = 4401;

/** Server's limit on a batch (one HTTP request). */
const maxItems = 10;

const socket = createWSClient({
	url: () => `${location.origin.replace(/^http/, 'ws')}/trpc`,
	// The first retry at once: most gaps are a server that was restarted or a device that woke.
	retryDelayMs: (attempt) => (attempt === 0 ? 0 : Math.min(250 * 2 ** attempt, 4_000)),
	keepAlive: { enabled: true, intervalMs: 15_000, pongTimeoutMs: 5_000 },
	onOpen: () => connection.onOpen(),
	onClose(cause) {
		connection.onClose();
		if (cause?.code === sessionEnded) signInAgain();
	}
});

/** A session that has ended shows itself in any call. */
const noticeRefusal: TRPCLink<AppRouter> =
	() =>
	({ op, next }) =>
		observable((observer) =>
			next(op).subscribe({
				next: (value) => observer.next(value),
				error(error) {
					if (error.data?.appCode === 'UNAUTHORIZED') signInAgain();
					observer.error(error);
				},
				complete: () => observer.complete()
			})
		);

/**
 * The typed client of every page. Subscriptions share one WebSocket, which resumes each after a gap by its last event's id;
 * the rest goes over HTTP, batched, each answer streamed as it is ready. Browser only: importing it opens the socket.
 */
export const trpc = createTRPCClient<AppRouter>({
	links: [
		noticeRefusal,
		splitLink({
			condition: (operation) => operation.type === 'subscription',
			true: wsLink({ client: socket, transformer: superjson }),
			false: splitLink({
				condition: (operation) => operation.path.startsWith('auth.'),
				true: httpLink({ url: '/trpc', transformer: superjson }), // whole: the head of a streamed answer is gone before it could set a cookie
				false: httpBatchStreamLink({ url: '/trpc', transformer: superjson, maxItems })
			})
		})
	]
});
