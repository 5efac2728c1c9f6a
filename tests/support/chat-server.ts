import type { TRPCClient } from '@trpc/client';
import type { AppRouter } from '../../src/lib/server/trpc/router.ts';
import { scriptedModel, tinyModel } from './models.ts';
import { signIn, type SignedIn } from './sign-in.ts';
import { startServer, type RunningServer } from './start-server.ts';
import { trpcClient } from './trpc-client.ts';

export const sentence = 'The quick brown fox jumps over a lazy dog.';

export type ChatServer = RunningServer & {
	admin: SignedIn;
	/** POST of JSON as the administrator, or as whoever's token is given */
	post: (path: string, body: unknown, options?: { signal?: AbortSignal; token?: string }) => Promise<Response>;
	/** the administrator's typed client */
	trpc: TRPCClient<AppRouter>;
	get: <T>(path: string) => Promise<T>;
	/** a further user, signed in */
	user: (username: string) => Promise<SignedIn>;
};

/** The built server without rate limits, with two models: `scripted`, which says {@link sentence} at temperature 0, and `endless`, which never ends by itself. */
export async function startChatServer(settings: Record<string, string> = {}, parameters: Record<string, unknown> = {}): Promise<ChatServer> {
	const server = await startServer({ RATE_LIMIT_USER: '0', RATE_LIMIT_LOGIN: '0', ...settings });
	const admin = await signIn(server);
	const send = (method: string, path: string, body: unknown, { signal, token = admin.token }: { signal?: AbortSignal; token?: string } = {}) =>
		fetch(new URL(path, server.url), { method, headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` }, body: JSON.stringify(body), ...(signal ? { signal } : {}) });
	const must = async (response: Response) => {
		if (!response.ok) throw new Error(`${response.url} answered ${response.status}: ${await response.text()}`);
	};
	await must(
		await send('POST', '/api/models', {
			models: [
				{ name: 'scripted', path: scriptedModel(server.modelsDir, { sentence }) },
				{ name: 'endless', path: tinyModel(server.modelsDir, { contextLength: 32_768 }) }
			]
		})
	);
	// One thread: on a busy machine two of them wait for each other far longer than a tiny model computes.
	for (const [name, value] of Object.entries({ threads: 1, ...parameters })) await must(await send('PUT', `/api/parameters/category/${name}`, { value }));
	const trpc = trpcClient(server, admin);
	return {
		...server,
		admin,
		trpc,
		post: (path, body, options) => send('POST', path, body, options),
		get: async <T>(path: string) => (await (await admin.fetch(path)).json()) as T,
		async user(username) {
			await trpc.users.create.mutate({ username, password: 'a good password', role: 'user' });
			return signIn(server, username, 'a good password');
		}
	};
}
