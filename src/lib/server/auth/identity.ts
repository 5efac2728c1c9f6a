import type { Role } from '../../contract/identity.ts';

/** Who is calling, once credentials have been checked. */
export type Identity = {
	userId: string;
	username: string;
	role: Role;
	/** the session behind a JWT or cookie; undefined for an API key */
	sessionId?: string;
	/** the API key's id */
	keyId?: string;
};

/** What ends this identity when it is revoked: its session or its API key. */
export const credentialOf = (identity: Identity): string => identity.sessionId ?? identity.keyId ?? '';
