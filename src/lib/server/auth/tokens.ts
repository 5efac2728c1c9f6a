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

/** What a token claims, when we signed it and it has not expired; else undefined. The algorithm is ours to choose, never the token's. */
export async function readToken(token: string): Promise<TokenClaims | undefined> {
	try {
		const { payload } = await jwtVerify(token, tokenKey(), { algorithms: ['HS256'], typ: 'JWT', requiredClaims: ['sub', 'sid', 'exp'] });
		return { userId: String(payload.sub), sessionId: String(payload.sid) };
	} catch {
		return undefined; // forged, cut off, expired or no token at all: to the caller it is all the same
	}
}
