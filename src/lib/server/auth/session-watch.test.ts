import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../../tests/support/database.ts';
import { database, sessions, users } from '../db/index.ts';
import type { Identity } from './identity.ts';
import { checkKey, createKey, revokeKey } from './keys.ts';
import { checkSession, endSession, openSession } from './sessions.ts';
import { startSessionWatch, sweepSessions, watchSession } from './session-watch.ts';
import { createUser, updateUser } from './users.ts';

freshDatabase();

let stop: () => void;
let userId: string;
beforeEach(async () => {
	stop = startSessionWatch();
	userId = (await createUser({ username: 'user', password: 'a long password', role: 'user' })).id;
});
afterEach(() => stop());

const newIdentity = async (): Promise<Identity> => (await checkSession((await openSession(userId, { userAgent: '', ip: '' })).sessionId))!.identity;

describe('what is open under a session', () => {
	it('is told at once when it ends, and only that one', async () => {
		const [one, two] = [await newIdentity(), await newIdentity()];
		const [watchOne, again, watchTwo] = [watchSession(one), watchSession(one), watchSession(two)];
		endSession(userId, one.sessionId!);
		expect([watchOne.ended.aborted, again.ended.aborted, watchTwo.ended.aborted]).toEqual([true, true, false]);
		watchTwo.release();
	});

	it('is told when a key is revoked or its user changes', async () => {
		const { key, id } = createKey(userId, 'one');
		const other = createKey(userId, 'two');
		const [watch, watchOther] = [watchSession(checkKey(key)!), watchSession(checkKey(other.key)!)];
		revokeKey(userId, id);
		expect([watch.ended.aborted, watchOther.ended.aborted]).toEqual([true, false]);
		await updateUser(userId, { role: 'admin' });
		expect(watchOther.ended.aborted).toBe(true);
	});

	it('stays open after one of several has been released', async () => {
		const identity = await newIdentity();
		const [first, second] = [watchSession(identity), watchSession(identity)];
		first.release();
		first.release();
		endSession(userId, identity.sessionId!);
		expect(second.ended.aborted).toBe(true);
	});

	it('is told by the next look when it ended without a word: expired, or ended by another process', async () => {
		const [expired, removed, banned, fine] = [await newIdentity(), await newIdentity(), checkKey(createKey(userId, 'key').key)!, await newIdentity()];
		const watches = [expired, removed, fine].map(watchSession);
		sweepSessions();
		expect(watches.map(({ ended }) => ended.aborted)).toEqual([false, false, false]);
		database().update(sessions).set({ expiresAt: 1 }).where(eq(sessions.id, expired.sessionId!)).run();
		database().delete(sessions).where(eq(sessions.id, removed.sessionId!)).run();
		sweepSessions();
		expect(watches.map(({ ended }) => ended.aborted)).toEqual([true, true, false]);
		const watchKey = watchSession(banned);
		database().update(users).set({ disabled: true }).run();
		sweepSessions();
		expect([watches[2]!.ended.aborted, watchKey.ended.aborted]).toEqual([true, true]);
	});
});
