import type { ShownUser } from '../../contract/identity.ts';
import { AppError } from '../errors.ts';
import { verifyPassword } from './passwords.ts';
import { openSession } from './sessions.ts';
import { issueToken } from './tokens.ts';
import { findUserByName, noteSignIn, requireUser, shownUser, type User } from './users.ts';

export type SignedIn = { token: string; user: ShownUser };

/**
 * Checks name and password and starts a session. Unknown, disabled and wrong look and cost the same.
 * The number of attempts is limited before this is called (ratelimit/).
 * @throws AppError UNAUTHORIZED
 */
export async function signIn({ username, password }: { username: string; password: string }, about: { userAgent: string; ip: string }): Promise<SignedIn> {
	const found = findUserByName(username);
	const right = await verifyPassword(found?.passwordHash, password);
	const user = right ? findUserByName(username) : undefined; // again: it may have changed while the hash was worked out
	if (!user || user.disabled || user.passwordHash !== found?.passwordHash) throw new AppError('UNAUTHORIZED', 'The user name or the password is wrong');
	noteSignIn(user.id);
	return openFor(user, about);
}

/** A new session and its token for a user who has just been checked. */
export async function openFor(user: User, about: { userAgent: string; ip: string }): Promise<SignedIn> {
	const { sessionId, expiresAt } = await openSession(user.id, about);
	return { token: await issueToken({ userId: user.id, sessionId }, expiresAt), user: shownUser(requireUser(user.id)) };
}
