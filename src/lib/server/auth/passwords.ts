import { hash, verify } from '@node-rs/argon2';

/** argon2id with OWASP's first choice for it: 19 MiB, two passes, one lane; about 20 ms. Written out, since a default may move. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** The same password typed on another system may arrive in another normal form of Unicode. */
const normal = (password: string) => password.normalize('NFC');

export const hashPassword = (password: string): Promise<string> => hash(normal(password), cost);

let dummy: Promise<string> | undefined;

/**
 * Whether the password is the one that was hashed. Without a hash (there is no such user) the same work is done and
 * the answer is no, so that the time does not tell which names exist.
 */
export async function verifyPassword(passwordHash: string | undefined, password: string): Promise<boolean> {
	const right = await verify(passwordHash ?? (await (dummy ??= hashPassword('nobody has this password'))), normal(password));
	return right && passwordHash !== undefined;
}
