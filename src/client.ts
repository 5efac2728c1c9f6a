import { createTRPCClient, createWSClient, TRPCClientError, type TRPCClient } from '@trpc/client';
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server';
import type { AppRouter } from './lib/server/trpc/router.ts';
import { trpcLink } from './lib/trpc-link.ts';

export type { AppRouter };
/** What each procedure takes: `Inputs['chat']['start']`. */
export type Inputs = inferRouterInputs<AppRouter>;
/** What each procedure answers; of a subscription its rows. */
export type Outputs = inferRouterOutputs<AppRouter>;
export type Client = TRPCClient<AppRouter>;

export type ClientOptions = {
	/** An API key, or the token that `auth.login` answers; a function is asked each time. In a page of the server itself its cookie does without. */
	token?: string | (() => string | Promise<string>);
	fetch?: typeof globalThis.fetch;
	/** for a runtime without one of its own; Node has one from version 22 on */
	WebSocket?: typeof globalThis.WebSocket;
};

/** What a failed call throws. Its `data.appCode` is the server's code, such as `MODEL_NOT_FOUND`; `data.details` and `data.errors` say more. */
export { TRPCClientError };
export const isClientError = (thrown: unknown): thrown is TRPCClientError<AppRouter> => thrown instanceof TRPCClientError;

/** Milliseconds without a subscription after which the socket is closed, so that a program can end. */
const idleMs = 100;

/**
 * A typed client of a Llama Runner: queries and mutations over HTTP, batched and streamed; subscriptions over one WebSocket,
 * which opens with the first, resumes after a gap and closes after the last. `for await (const row of client.chat.events.subscribe(…))`
 * reads one; leaving the loop ends it.
 * @param url the server's, without a path: `http://localhost:3000`
 */
export function createClient(url: string | URL, { token, fetch, WebSocket }: ClientOptions = {}): Client {
	const trpc = `${String(url).replace(/\/+$/, '')}/trpc`;
	const given = async () => (typeof token === 'function' ? token() : token);
	const socket = createWSClient({
		url: trpc.replace(/^http/, 'ws'),
		lazy: { enabled: true, closeMs: idleMs },
		keepAlive: { enabled: true, intervalMs: 15_000, pongTimeoutMs: 5_000 },
		connectionParams: async () => {
			const shown = await given();
			return shown === undefined ? null : { token: shown };
		},
		...(WebSocket ? { WebSocket } : {})
	});
	const headers = async (): Promise<Record<string, string>> => {
		const shown = await given();
		return shown === undefined ? {} : { authorization: `Bearer ${shown}` };
	};
	return createTRPCClient<AppRouter>({ links: [trpcLink({ url: trpc, socket, headers, ...(fetch ? { fetch } : {}) })] });
}
