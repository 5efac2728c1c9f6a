import { DrizzleSQLiteAdapter } from '@lucia-auth/adapter-drizzle';
import { and, desc, eq, gt, inArray, lte, sql } from 'drizzle-orm';
import { Lucia, TimeSpan, type DatabaseSession, type DatabaseUser } from 'lucia';
import type { ShownSession } from '../../contract/identity.ts';
import { database, sessions, users, type Db } from '../db/index.ts';
import { prepared } from '../db/prepared.ts';
import { remembered } from '../db/remembered.ts';
import { AppError } from '../errors.ts';
import { events } from '../events.ts';
import type { Identity } from './identity.ts';

/** Days a session lives without use; half of that into it, use extends it. */
const lifeDays = 30;
/** Sessions one user may hold; signing in once more ends the oldest. */
const mostPerUser = 1000;

type Lucia3 = Lucia<Record<never, never>, Pick<typeof users.$inferSelect, 'username' | 'role' | 'disabled'>>;
declare module 'lucia' {
	interface Register {
		Lucia: Lucia3;
		DatabaseUserAttributes: typeof users.$inferSelect;
		DatabaseSessionAttributes: Pick<typeof sessions.$inferInsert, 'createdAt' | 'userAgent' | 'ip'>;
	}
}

const statement = prepared((db) =>
	db.select({ session: sessions, user: users }).from(sessions).innerJoin(users, eq(users.id, sessions.userId)).where(eq(sessions.id, sql.placeholder('id'))).prepare()
);
const sessionAndUser = remembered((id) => statement().get({ id }));

/** Every request reads its session: the adapter's own way builds two statements each time. */
class SessionAdapter extends DrizzleSQLiteAdapter {
	override async getSessionAndUser(sessionId: string): Promise<[session: DatabaseSession | null, user: DatabaseUser | null]> {
		const found = sessionAndUser(sessionId);
		if (!found) return [null, null];
		const { id, userId, expiresAt, ...attributes } = found.session;
		return [{ id, userId, expiresAt: new Date(expiresAt * 1000), attributes }, { id: userId, attributes: found.user }];
	}
}

/** lucia holds no state but these options, so one is made for each database. */
const made = new WeakMap<Db, Lucia3>();

function lucia(): Lucia3 {
	const db = database();
	let one = made.get(db);
	if (!one) {
		one = new Lucia(new SessionAdapter(db, sessions, users), {
			sessionExpiresIn: new TimeSpan(lifeDays, 'd'),
			getUserAttributes: ({ username, role, disabled }) => ({ username, role, disabled })
		});
		made.set(db, one);
	}
	return one;
}

const nowSeconds = () => Math.floor(Date.now() / 1000);

export type OpenedSession = { sessionId: string; expiresAt: Date };

/** Starts a session. Its id is always new: none that a caller brings is ever taken over. */
export async function openSession(userId: string, about: { userAgent: string; ip: string }): Promise<OpenedSession> {
	const { id, expiresAt } = await lucia().createSession(userId, { createdAt: new Date(), userAgent: about.userAgent.slice(0, 256), ip: about.ip });
	const surplus = database().select({ id: sessions.id }).from(sessions).where(eq(sessions.userId, userId)).orderBy(desc(sessions.createdAt)).limit(100).offset(mostPerUser).all();
	if (surplus.length) endSessions(userId, surplus.map((row) => row.id));
	return { sessionId: id, expiresAt };
}

/**
 * Who a session belongs to; undefined when it has ended or its user is disabled.
 * `extendedTo` is set when this use extended it.
 */
export async function checkSession(sessionId: string): Promise<{ identity: Identity; extendedTo: Date | undefined } | undefined> {
	const { user, session } = await lucia().validateSession(sessionId);
	if (!session || user.disabled) return undefined;
	return { identity: { userId: user.id, username: user.username, role: user.role, sessionId: session.id }, extendedTo: session.fresh ? session.expiresAt : undefined };
}

/** A user's live sessions, newest first. */
export function listSessions(userId: string, currentId: string | undefined): ShownSession[] {
	const rows = database().select().from(sessions).where(and(eq(sessions.userId, userId), gt(sessions.expiresAt, nowSeconds()))).orderBy(desc(sessions.createdAt)).all();
	return rows.map(({ id, createdAt, expiresAt, userAgent, ip }) => ({ id, createdAt, expiresAt: new Date(expiresAt * 1000), userAgent, ip, current: id === currentId }));
}

/** Ends one of the user's sessions. @throws AppError NOT_FOUND, also for another user's */
export function endSession(userId: string, sessionId: string): void {
	if (endSessions(userId, [sessionId]) === 0) throw new AppError('NOT_FOUND', 'There is no such session; it may have ended already');
}

/** Ends those of the user's sessions that still stand; returns how many did. */
export function endSessions(userId: string, ids: string[]): number {
	const { changes } = database().delete(sessions).where(and(eq(sessions.userId, userId), inArray(sessions.id, ids))).run();
	if (changes > 0) events.emit('session:revoked', { credentialIds: ids, userId });
	return changes;
}

/** Ends all of a user's sessions inside a transaction; the caller announces the returned ids once it stands. */
export function endAllSessions(tx: Pick<Db, 'delete'>, userId: string): string[] {
	return tx.delete(sessions).where(eq(sessions.userId, userId)).returning({ id: sessions.id }).all().map((row) => row.id);
}

/** Those of the sessions that still stand. */
export function standingSessions(ids: string[]): string[] {
	const rows = database().select({ id: sessions.id }).from(sessions).innerJoin(users, eq(users.id, sessions.userId));
	return rows.where(and(inArray(sessions.id, ids), gt(sessions.expiresAt, nowSeconds()), eq(users.disabled, false))).all().map((row) => row.id);
}

/** Removes the sessions that have expired. */
export function pruneSessions(): void {
	database().delete(sessions).where(lte(sessions.expiresAt, nowSeconds())).run();
}
