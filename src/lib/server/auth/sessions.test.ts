import { eq } from 'drizzle-orm';
import { beforeEach, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../../tests/support/database.ts';
import { database, sessions } from '../db/index.ts';
import { checkSession, endSession, listSessions, openSession, pruneSessions } from './sessions.ts';
import { createUser } from './users.ts';

freshDatabase();

const about = { userAgent: 'test', ip: '127.0.0.1' };
let userId: string;
let otherId: string;
beforeEach(async () => {
	userId = (await createUser({ username: 'user', password: 'a long password', role: 'user' })).id;
	otherId = (await createUser({ username: 'other', password: 'a long password', role: 'user' })).id;
});

const setEnd = (id: string, secondsFromNow: number) => database().update(sessions).set({ expiresAt: Math.floor(Date.now() / 1000) + secondsFromNow }).where(eq(sessions.id, id)).run();
const count = () => database().select().from(sessions).all().length;

describe('sessions', () => {
	it('have a new id each time (session fixation)', async () => {
		const ids = new Set<string>();
		for (let index = 0; index < 20; index++) ids.add((await openSession(userId, about)).sessionId);
		expect(ids.size).toBe(20);
		for (const id of ids) expect(id.length).toBeGreaterThanOrEqual(40);
	});

	it('end when their time is over', async () => {
		const { sessionId } = await openSession(userId, about);
		setEnd(sessionId, -1);
		expect(await checkSession(sessionId)).toBeUndefined();
		expect(listSessions(userId, undefined)).toEqual([]);
	});

	it('are extended by use in the second half of their life, not before', async () => {
		const { sessionId, expiresAt } = await openSession(userId, about);
		expect((await checkSession(sessionId))?.extendedTo).toBeUndefined();
		setEnd(sessionId, 3600);
		const extendedTo = (await checkSession(sessionId))?.extendedTo;
		expect(extendedTo!.getTime()).toBeGreaterThanOrEqual(expiresAt.getTime() - 1000);
	});

	it('are listed newest first with their own marked, and hold what tells them apart', async () => {
		const first = await openSession(userId, { userAgent: 'one', ip: '10.0.0.1' });
		await new Promise((resolve) => setTimeout(resolve, 5));
		const second = await openSession(userId, { userAgent: 'x'.repeat(1000), ip: '::1' });
		await openSession(otherId, about);
		const listed = listSessions(userId, first.sessionId);
		expect(listed.map(({ id, current }) => ({ id, current }))).toEqual([{ id: second.sessionId, current: false }, { id: first.sessionId, current: true }]);
		expect(listed[1]).toMatchObject({ userAgent: 'one', ip: '10.0.0.1' });
		expect(listed[0]!.userAgent).toHaveLength(256);
	});

	it("can be ended by their user, not by another: the two look alike", async () => {
		const { sessionId } = await openSession(userId, about);
		expect(() => endSession(otherId, sessionId)).toThrow(/no such session/);
		expect(await checkSession(sessionId)).toBeDefined();
		endSession(userId, sessionId);
		expect(await checkSession(sessionId)).toBeUndefined();
		expect(() => endSession(userId, sessionId)).toThrow(/no such session/);
	});

	it('do not pile up: the oldest beyond a thousand end', async () => {
		const { sessionId: oldest } = await openSession(userId, about);
		database().update(sessions).set({ createdAt: new Date(0) }).where(eq(sessions.id, oldest)).run();
		for (let index = 0; index < 1000; index++) await openSession(userId, about);
		expect(count()).toBe(1000);
		expect(await checkSession(oldest)).toBeUndefined();
	});

	it('are removed once expired', async () => {
		const { sessionId } = await openSession(userId, about);
		await openSession(userId, about);
		setEnd(sessionId, -1);
		pruneSessions();
		expect(count()).toBe(1);
	});
});
