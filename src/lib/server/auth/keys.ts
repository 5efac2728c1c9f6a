import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { and, count, desc, eq, inArray, isNull, sql } from 'drizzle-orm';
import type { ShownKey } from '../../contract/identity.ts';
import { apiKeys, database, users } from '../db/index.ts';
import { prepared } from '../db/prepared.ts';
import { remembered } from '../db/remembered.ts';
import { AppError } from '../errors.ts';
import { events } from '../events.ts';
import type { Identity } from './identity.ts';

/** What every API key begins with: it tells one from a token, and lets secret scanners find leaked ones. */
export const keyMark = 'lr_';
const mostPerUser = 100;
/** Milliseconds between two writes of the last-used time. */
const lastUsedStepMs = 60_000;

/** A key is 256 random bits: one round of SHA-256 is as good as any slow hash, and lookup by it leaks nothing. */
const hashOf = (key: string) => createHash('sha256').update(key).digest('hex');

const shown = ({ id, name, prefix, createdAt, lastUsedAt }: typeof apiKeys.$inferSelect): ShownKey => ({ id, name, prefix, createdAt, lastUsedAt });

/** A user's keys that work, newest first. */
export function listKeys(userId: string): ShownKey[] {
	return database().select().from(apiKeys).where(and(eq(apiKeys.userId, userId), isNull(apiKeys.revokedAt))).orderBy(desc(apiKeys.createdAt)).all().map(shown);
}

/** Makes a key. The answer is the only time that it is seen whole. @throws AppError CONFLICT beyond 100 keys */
export function createKey(userId: string, name: string): ShownKey & { key: string } {
	const { held } = database().select({ held: count() }).from(apiKeys).where(and(eq(apiKeys.userId, userId), isNull(apiKeys.revokedAt))).get()!;
	if (held >= mostPerUser) throw new AppError('CONFLICT', `There are ${mostPerUser} API keys already; revoke one first`);
	const key = keyMark + randomBytes(32).toString('base64url');
	const row = database().insert(apiKeys).values({ id: randomUUID(), userId, name, prefix: key.slice(0, 10), hash: hashOf(key), createdAt: new Date() }).returning().get();
	return { ...shown(row), key };
}

/** Ends a key at once. @throws AppError NOT_FOUND, also for another user's or one revoked before */
export function revokeKey(userId: string, id: string): void {
	const mine = and(eq(apiKeys.id, id), eq(apiKeys.userId, userId), isNull(apiKeys.revokedAt));
	const { changes } = database().update(apiKeys).set({ revokedAt: new Date() }).where(mine).run();
	if (changes === 0) throw new AppError('NOT_FOUND', 'There is no such API key; it may have been revoked already');
	events.emit('session:revoked', { credentialIds: [id], userId });
}

const statement = prepared((db) =>
	db.select({ key: apiKeys, user: users }).from(apiKeys).innerJoin(users, eq(users.id, apiKeys.userId)).where(eq(apiKeys.hash, sql.placeholder('hash'))).prepare()
);
const keyByHash = remembered((hash) => statement().get({ hash }));

/** Whose a key is; undefined when it is unknown, revoked, or its user is disabled. Notes the use, once a minute. */
export function checkKey(key: string, now = new Date()): Identity | undefined {
	const found = keyByHash(hashOf(key));
	if (!found || found.key.revokedAt || found.user.disabled) return undefined;
	const { id, lastUsedAt } = found.key;
	if (!lastUsedAt || now.getTime() - lastUsedAt.getTime() >= lastUsedStepMs) database().update(apiKeys).set({ lastUsedAt: now }).where(eq(apiKeys.id, id)).run();
	return { userId: found.user.id, username: found.user.username, role: found.user.role, keyId: id };
}

/** Those of the keys that still stand. */
export function standingKeys(ids: string[]): string[] {
	const rows = database().select({ id: apiKeys.id }).from(apiKeys).innerJoin(users, eq(users.id, apiKeys.userId));
	return rows.where(and(inArray(apiKeys.id, ids), isNull(apiKeys.revokedAt), eq(users.disabled, false))).all().map((row) => row.id);
}
