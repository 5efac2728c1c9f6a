import { createTRPCClient, createWSClient, httpLink, wsLink, type TRPCClient } from '@trpc/client';
import superjson from 'superjson';
import { WebSocket } from 'ws';
import type { AppRouter } from '../../src/lib/server/trpc/router.ts';

/** A typed client over HTTP, as a program with a token has it; without one it is anonymous. */
export const trpcClient = (server: { url: string }, caller?: { token: string }): TRPCClient<AppRouter> =>
	createTRPCClient<AppRouter>({ links: [httpLink({ url: `${server.url}/trpc`, transformer: superjson, headers: caller ? { authorization: `Bearer ${caller.token}` } : {} })] });

export type TrpcSocket = {
	client: TRPCClient<AppRouter>;
	/** resolves with the code of the first close; the client connects again by itself until {@link TrpcSocket.close} */
	closed: Promise<number>;
	close: () => Promise<void>;
};

/** A typed client over one WebSocket. `headers` go with the upgrade, `token` into the connection's parameters. */
export function trpcSocket(server: { url: string }, { headers = {}, token }: { headers?: Record<string, string>; token?: string } = {}): TrpcSocket {
	class Socket extends WebSocket {
		constructor(url: string | URL) {
			super(url, { headers });
		}
	}
	let tellClosed: (code: number) => void;
	const closed = new Promise<number>((resolve) => (tellClosed = resolve));
	const socket = createWSClient({
		url: `${server.url.replace(/^http/, 'ws')}/trpc`,
		WebSocket: Socket as unknown as typeof globalThis.WebSocket,
		onClose: (cause) => tellClosed(cause?.code ?? 0),
		...(token === undefined ? {} : { connectionParams: { token } })
	});
	return { client: createTRPCClient<AppRouter>({ links: [wsLink({ client: socket, transformer: superjson })] }), closed, close: () => socket.close() };
}
