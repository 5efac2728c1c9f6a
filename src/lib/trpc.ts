import { createTRPCClient, createWSClient, type TRPCLink } from '@trpc/client';
import { observable } from '@trpc/server/observable';
import { connection } from '#lib/state/connection.svelte.ts';
import { signInAgain } from '#lib/state/sign-in-again.ts';
import type { AppRouter } from '#lib/server/trpc/router.ts';
import { trpcLink } from '#lib/trpc-link.ts';

/** The server closes a socket with it whose session has ended. */
const sessionEnded = 4401;

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

/** The typed client of every page. Browser only: importing it makes the socket. */
export const trpc = createTRPCClient<AppRouter>({ links: [noticeRefusal, trpcLink({ url: '/trpc', socket })] });
