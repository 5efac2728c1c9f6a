import type { RunningServer } from './start-server.ts';

export type SignedIn = {
	token: string;
	/** the Cookie header's value */
	cookie: string;
	user: { id: string; username: string; role: 'admin' | 'user' };
	/** fetch with a path of the server, or a URL, and the token as Bearer */
	fetch: (path: string, init?: RequestInit) => Promise<Response>;
};

/** Signs in over the REST API, as document B's client does. On a fresh server `admin` / `admin` works. */
export async function signIn(server: Pick<RunningServer, 'url'>, username = 'admin', password = 'admin'): Promise<SignedIn> {
	const response = await fetch(`${server.url}/api/auth/login`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify({ username, password })
	});
	if (response.status !== 200) throw new Error(`signing in as ${username} answered ${response.status}: ${await response.text()}`);
	const { token, user } = (await response.json()) as Pick<SignedIn, 'token' | 'user'>;
	return {
		token,
		cookie: response.headers.getSetCookie().map((line) => line.split(';')[0]).join('; '),
		user,
		fetch: (path, init = {}) => {
			const headers = new Headers(init.headers);
			headers.set('authorization', `Bearer ${token}`);
			return fetch(new URL(path, server.url), { ...init, headers });
		}
	};
}
