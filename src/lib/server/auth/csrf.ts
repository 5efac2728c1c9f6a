import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { csrfKey } from './secret.ts';

/** The cookie that a CSRF token is bound to. */
export const csrfCookie = 'csrf_seed';
const seedPattern = /^[\w-]{43}$/;

/** The token of a seed: a MAC in the shape of a GUID, as document B shows it. */
function tokenOf(seed: string): string {
	const bytes = createHmac('sha256', csrfKey()).update(seed).digest().subarray(0, 16);
	bytes[6] = (bytes[6]! & 0x0f) | 0x80; // version 8: of one's own making
	bytes[8] = (bytes[8]! & 0x3f) | 0x80;
	return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** A token and the cookie's value it belongs to. A seed that the caller holds already is kept, so that two tabs share it. */
export function issueCsrfToken(heldSeed: string | undefined): { csrfToken: string; seed: string } {
	const seed = heldSeed !== undefined && seedPattern.test(heldSeed) ? heldSeed : randomBytes(32).toString('base64url');
	return { csrfToken: tokenOf(seed), seed };
}

/** Whether the token is the one that was issued for the cookie's seed. */
export function csrfTokenMatches(seed: string | undefined, token: string | null | undefined): boolean {
	if (seed === undefined || !token || !seedPattern.test(seed)) return false;
	const right = Buffer.from(tokenOf(seed));
	const given = Buffer.from(token.toLowerCase());
	return given.length === right.length && timingSafeEqual(given, right);
}
