export type Role = 'admin' | 'user';

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
