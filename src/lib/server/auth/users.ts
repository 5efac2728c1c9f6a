import { randomUUID } from 'node:crypto';
import { and, asc, count, eq, isNull, ne } from 'drizzle-orm';
import type { ShownUser } from '../../contract/identity.ts';
import { apiKeys, database, users, type Db } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { events } from '../events.ts';
import type { Role } from '../../contract/identity.ts';
import { hashPassword, verifyPassword } from './passwords.ts';
import { endAllSessions } from './sessions.ts';

export type User = typeof users.$inferSelect;
type Tx = Pick<Db, 'select' | 'update' | 'delete'>;

export const shownUser = ({ id, username, role, disabled, defaultPassword, createdAt, lastLoginAt }: User): ShownUser => ({
	id, username, role, disabled, defaultPassword, createdAt, lastLoginAt
});

/** What names are compared by: no case, one Unicode form. Upper case first folds what lower case alone leaves apart (ß and ss, ı and i). */
export const usernameKeyOf = (username: string): string => username.trim().normalize('NFKC').toUpperCase().toLowerCase();

export const findUserByName = (username: string): User | undefined => database().select().from(users).where(eq(users.usernameKey, usernameKeyOf(username))).get();

const isUniqueViolation = (thrown: unknown) => [thrown, (thrown as Error).cause].some((e) => (e as { code?: string } | undefined)?.code === 'SQLITE_CONSTRAINT_UNIQUE');

export const listUsers = (): ShownUser[] => database().select().from(users).orderBy(asc(users.usernameKey)).all().map(shownUser);

/** @throws AppError NOT_FOUND */
export function requireUser(id: string): User {
	const found = database().select().from(users).where(eq(users.id, id)).get();
	if (!found) throw new AppError('NOT_FOUND', 'There is no such user');
	return found;
}

/** @throws AppError CONFLICT when the name is taken, whatever its case */
export async function createUser(given: { username: string; password: string; role: Role; defaultPassword?: boolean }): Promise<User> {
	const passwordHash = await hashPassword(given.password);
	const now = new Date();
	const username = given.username.trim().normalize('NFKC');
	const row = { id: randomUUID(), username, usernameKey: usernameKeyOf(username), passwordHash, role: given.role, defaultPassword: given.defaultPassword ?? false, createdAt: now, updatedAt: now };
	try {
		const user = database().insert(users).values(row).returning().get();
		events.emit('user:changed', { userId: user.id });
		return user;
	} catch (thrown) {
		if (isUniqueViolation(thrown)) throw new AppError('CONFLICT', `There is a user "${username}" already`);
		throw thrown;
	}
}

export type UserChange = { role?: Role | undefined; disabled?: boolean | undefined; password?: string | undefined };

/**
 * Changes a user. A new password, role or ban ends all of the user's sessions at once.
 * @throws AppError NOT_FOUND; CONFLICT when it would leave the server without an administrator
 */
export async function updateUser(id: string, change: UserChange): Promise<User> {
	const passwordHash = change.password === undefined ? undefined : await hashPassword(change.password);
	return changeUser(id, (tx) => {
		const now = requireUser(id);
		const next = { role: change.role ?? now.role, disabled: change.disabled ?? now.disabled };
		if (next.role !== 'admin' || next.disabled) keepAnAdministrator(tx, now, next.disabled ? 'disabled' : 'given another role');
		const ends = passwordHash !== undefined || next.role !== now.role || next.disabled !== now.disabled;
		tx.update(users).set({ ...next, ...(passwordHash === undefined ? {} : { passwordHash, defaultPassword: false }), updatedAt: new Date() }).where(eq(users.id, id)).run();
		return ends;
	});
}

/** Removes a user with conversations, keys and sessions. @throws AppError NOT_FOUND; CONFLICT for the last administrator */
export function removeUser(id: string): void {
	changeUser(id, (tx) => {
		keepAnAdministrator(tx, requireUser(id), 'removed');
		return true;
	}, (tx) => void tx.delete(users).where(eq(users.id, id)).run());
}

/** Sets a new password for whoever knows the present one; ends all of the user's sessions. @throws AppError VALIDATION_ERROR */
export async function changePassword(id: string, current: string, next: string): Promise<User> {
	if (!(await verifyPassword(requireUser(id).passwordHash, current)))
		throw new AppError('VALIDATION_ERROR', 'The request was invalid', { errors: ['The current password is wrong'] });
	return updateUser(id, { password: next });
}

export const noteSignIn = (id: string): void => void database().update(users).set({ lastLoginAt: new Date() }).where(eq(users.id, id)).run();

/** Runs a change in one transaction with the end of the user's sessions, then tells everybody. `change` says whether they end. */
function changeUser(id: string, change: (tx: Tx) => boolean, remove?: (tx: Tx) => void): User {
	const { user, credentialIds } = database().transaction((tx) => {
		const ends = change(tx);
		const user = requireUser(id);
		const keys = ends ? tx.select({ id: apiKeys.id }).from(apiKeys).where(and(eq(apiKeys.userId, id), isNull(apiKeys.revokedAt))).all() : [];
		const ended = ends ? endAllSessions(tx, id) : [];
		remove?.(tx);
		return { user, credentialIds: [...ended, ...keys.map((key) => key.id)] };
	});
	// Keys live on (unless the user is gone or disabled), but what is open under them has the old rights.
	if (credentialIds.length) events.emit('session:revoked', { credentialIds, userId: id });
	events.emit('user:changed', { userId: id });
	return user;
}

function keepAnAdministrator(tx: Tx, user: User, what: string): void {
	if (user.role !== 'admin' || user.disabled) return;
	const { others } = tx.select({ others: count() }).from(users).where(and(eq(users.role, 'admin'), eq(users.disabled, false), ne(users.id, user.id))).get()!;
	if (others === 0) throw new AppError('CONFLICT', `"${user.username}" is the last administrator and can't be ${what}; make another user an administrator first`);
}
