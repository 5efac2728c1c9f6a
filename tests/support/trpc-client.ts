import { createTRPCClient, httpLink } from '@trpc/client';
import superjson from 'superjson';
import type { AppRouter } from '../../src/lib/server/trpc/router.ts';

/** A typed client over HTTP, as a program with a token has it. */
export const trpcClient = (server: { url: string }, { token }: { token: string }) =>
	createTRPCClient<AppRouter>({ links: [httpLink({ url: `${server.url}/trpc`, transformer: superjson, headers: { authorization: `Bearer ${token}` } })] });
