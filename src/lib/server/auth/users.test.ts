import { beforeEach, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../../tests/support/database.ts';
import { events } from '../events.ts';
import { checkKey, createKey } from './keys.ts';
import { checkSession, openSession } from './sessions.ts';
import { changePassword, createUser, findUserByName, listUsers, removeUser, requireUser, updateUser, type User } from './users.ts';

freshDatabase();

const about = { userAgent: 'test', ip: '127.0.0.1' };
const password = 'a long password';
let admin: User;
let bob: User;
beforeEach(async () => {
	admin = await createUser({ username: 'admin', password, role: 'admin' });
	bob = await createUser({ username: 'Bob', password, role: 'user' });
});

/** What `session:revoked` names while `run` runs. */
async function revokedBy(run: () => unknown): Promise<string[]> {
	const ids: string[] = [];
	const off = events.on('session:revoked', (event) => ids.push(...event.credentialIds));
	await run();
	off();
	return ids;
}

describe('users', () => {
	it.each(['bob', 'BOB', 'Bob ', 'ｂｏｂ'])('are one under the name %j', async (username) => {
		expect(findUserByName(username)?.id).toBe(bob.id);
		await expect(createUser({ username, password, role: 'user' })).rejects.toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('already') });
	});

	it('tell names apart that differ in more than case', async () => {
		await createUser({ username: 'bobby', password, role: 'user' });
		expect(listUsers().map((user) => user.username)).toEqual(['admin', 'Bob', 'bobby']);
	});

	it('are never shown with their password', () => {
		expect(Object.keys(listUsers()[0]!)).not.toContain('passwordHash');
	});
});

describe('the last administrator', () => {
	it.each([
		['demoted', () => updateUser(admin.id, { role: 'user' })],
		['disabled', () => updateUser(admin.id, { disabled: true })],
		['removed', async () => removeUser(admin.id)]
	])("can't be %s", async (_what, change) => {
		await expect(change()).rejects.toMatchObject({ code: 'CONFLICT' });
		expect(requireUser(admin.id)).toMatchObject({ role: 'admin', disabled: false });
	});

	it('can be once there is another one', async () => {
		await updateUser(bob.id, { role: 'admin' });
		removeUser(admin.id);
		expect(listUsers().map((user) => user.username)).toEqual(['Bob']);
	});

	it('is not another one who is disabled', async () => {
		await updateUser(bob.id, { role: 'admin' });
		await updateUser(bob.id, { disabled: true });
		expect(() => removeUser(admin.id)).toThrow(/last administrator/);
	});
});

describe('what ends sessions at once', () => {
	it.each([
		['a password reset', (id: string) => updateUser(id, { password: 'another password' })],
		['a change of role', (id: string) => updateUser(id, { role: 'admin' })],
		['a ban', (id: string) => updateUser(id, { disabled: true })],
		['removal', async (id: string) => removeUser(id)],
		['a password change', (id: string) => changePassword(id, password, 'another password')]
	])('%s', async (_what, change) => {
		const sessions = [await openSession(bob.id, about), await openSession(bob.id, about)].map((session) => session.sessionId);
		const key = createKey(bob.id, 'program');
		const other = (await openSession(admin.id, about)).sessionId;
		const revoked = await revokedBy(() => change(bob.id));
		expect(revoked.sort()).toEqual([...sessions, key.id].sort());
		for (const id of sessions) expect(await checkSession(id)).toBeUndefined();
		expect((await checkSession(other))?.identity.username).toBe('admin');
	});

	it('not a change that changes nothing', async () => {
		const { sessionId } = await openSession(bob.id, about);
		expect(await revokedBy(() => updateUser(bob.id, { role: 'user', disabled: false }))).toEqual([]);
		expect(await checkSession(sessionId)).toBeDefined();
	});

	it('a ban ends keys for as long as it lasts, removal for good', async () => {
		const { key } = createKey(bob.id, 'program');
		await updateUser(bob.id, { disabled: true });
		expect(checkKey(key)).toBeUndefined();
		await updateUser(bob.id, { disabled: false });
		expect(checkKey(key)?.username).toBe('Bob');
		removeUser(bob.id);
		expect(checkKey(key)).toBeUndefined();
	});
});

describe('changing a password', () => {
	it('needs the present one', async () => {
		await expect(changePassword(bob.id, 'wrong', 'another password')).rejects.toMatchObject({ code: 'VALIDATION_ERROR', errors: ['The current password is wrong'] });
	});

	it('ends the warning about the default one', async () => {
		const fresh = await createUser({ username: 'fresh', password: 'admin', role: 'user', defaultPassword: true });
		expect(await changePassword(fresh.id, 'admin', 'another password')).toMatchObject({ defaultPassword: false });
	});
});
