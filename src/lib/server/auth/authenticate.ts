import { AppError } from '../errors.ts';
import type { Identity } from './identity.ts';
import { checkKey, keyMark } from './keys.ts';
import { checkSession } from './sessions.ts';
import { issueToken, readToken } from './tokens.ts';

/** The cookie that holds the JWT. */
export const tokenCookie = 'access_token';

export type Credentials = {
	/** what stands behind "Bearer", or an `x-api-key`; '' when the header is there and holds nothing */
	bearer: string | undefined;
	/** the value of the cookie */
	cookie: string | undefined;
};

/** One cookie out of a Cookie header. The first wins, as in every server, so that a later one can't replace it. */
export function cookieOf(header: string | null | undefined, name: string): string | undefined {
	for (const part of (header ?? '').split(';')) {
		const at = part.indexOf('=');
		if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
	}
	return undefined;
}

/** The credentials in a call's headers. Another scheme than Bearer is some proxy's affair and none of ours. */
export function credentialsOf(headers: { authorization?: string | null | undefined; apiKey?: string | null | undefined; cookie?: string | null | undefined }): Credentials {
	const bearer = /^bearer(?:\s+(.*))?$/is.exec(headers.authorization?.trim() ?? '');
	return { bearer: bearer ? (bearer[1] ?? '').trim() : (headers.apiKey?.trim() ?? undefined), cookie: cookieOf(headers.cookie, tokenCookie) };
}

export type Authenticated = {
	/** null = nobody */
	identity: Identity | null;
	/** how it was shown; a cookie travels by itself, so what it may do across sites is limited */
	by: 'bearer' | 'cookie' | null;
	/** a token with a later end, when this use extended the session */
	renewedToken?: string;
};

async function callerOfToken(token: string): Promise<Authenticated & { identity: Identity } | undefined> {
	const claims = await readToken(token);
	const checked = claims && (await checkSession(claims.sessionId));
	if (!checked || checked.identity.userId !== claims.userId) return undefined;
	const renewedToken = checked.extendedTo && (await issueToken(claims, checked.extendedTo));
	return { identity: checked.identity, by: 'cookie', ...(renewedToken ? { renewedToken } : {}) };
}

/**
 * Who is calling: Bearer (JWT or API key) first, else the cookie (JWT only; the session's bare id is no credential). A stale cookie is
 * nobody: browsers send it by themselves. A bad Bearer is an error, even beside a good cookie: whoever sent it meant it.
 * @throws AppError UNAUTHORIZED
 */
export async function authenticate({ bearer, cookie }: Credentials): Promise<Authenticated> {
	if (bearer !== undefined) {
		const identity = bearer.startsWith(keyMark) ? checkKey(bearer) : (await callerOfToken(bearer))?.identity;
		if (!identity) throw new AppError('UNAUTHORIZED', 'The token or API key is not valid: it is mistyped, expired or revoked');
		return { identity, by: 'bearer' };
	}
	return (cookie !== undefined && (await callerOfToken(cookie))) || { identity: null, by: null };
}
