import { sameCaller } from './same-caller.ts';

/** Whether the signed-in user still has the password that the documents name. @param token of a session that the cookie does not name yet */
export async function hasDefaultPassword(fetch: typeof globalThis.fetch, request: Request, token?: string): Promise<boolean> {
	const response = await fetch('/trpc/auth.me', { headers: { ...sameCaller(request), ...(token ? { authorization: `Bearer ${token}` } : {}) } });
	return response.ok && ((await response.json()) as { result: { data: { json: { defaultPassword: boolean } } } }).result.data.json.defaultPassword;
}
