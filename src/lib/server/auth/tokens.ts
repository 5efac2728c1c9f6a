import { jwtVerify, SignJWT } from 'jose';
import { tokenKey } from './secret.ts';

/** A token names a session; whether that still stands is the database's to say. */
export type TokenClaims = { userId: string; sessionId: string };

/** A JWT (HS256) for a session. It ends with the session's present end. */
export function issueToken({ userId, sessionId }: TokenClaims, expiresAt: Date): Promise<string> {
	return new SignJWT({ sid: sessionId })
		.setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
		.setSubject(userId)
		.setIssuedAt()
		.setExpirationTime(expiresAt)
		.sign(tokenKey());
}

type Known = { claims: TokenClaims; /** epoch milliseconds */ endsAt: number };

/**
 * Tokens that were found good, by the key that signed them: checking a signature takes a quarter of a millisecond, on every
 * request. They name sessions, and whether those stand is asked each time.
 */
const known = new WeakMap<Uint8Array, Map<string, Known>>();
const mostKnown = 1000;

function remember(token: string, claims: TokenClaims, endsAt: number): TokenClaims {
	const tokens = known.get(tokenKey()) ?? new Map<string, Known>();
	known.set(tokenKey(), tokens);
	if (tokens.size >= mostKnown) tokens.delete(tokens.keys().next().value!); // the oldest
	tokens.set(token, { claims, endsAt });
	return claims;
}

/** What a token claims, when we signed it and it has not expired; else undefined. The algorithm is ours to choose, never the token's. */
export async function readToken(token: string): Promise<TokenClaims | undefined> {
	const before = known.get(tokenKey())?.get(token);
	if (before && before.endsAt > Date.now()) return before.claims;
	try {
		const { payload } = await jwtVerify(token, tokenKey(), { algorithms: ['HS256'], typ: 'JWT', requiredClaims: ['sub', 'sid', 'exp'] });
		return remember(token, { userId: String(payload.sub), sessionId: String(payload.sid) }, payload.exp! * 1000);
	} catch {
		return undefined; // forged, cut off, expired or no token at all: to the caller it is all the same
	}
}
