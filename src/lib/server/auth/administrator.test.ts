import { describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../../tests/support/database.ts';
import { openAdministrator, refuseDefaultPasswordOn, withDefaultPassword } from './administrator.ts';
import { verifyPassword } from './passwords.ts';
import { createUser, findUserByName, listUsers, updateUser } from './users.ts';

freshDatabase();

const local = { host: '127.0.0.1', username: 'admin', password: undefined };
const signsIn = (username: string, password: string) => verifyPassword(findUserByName(username)?.passwordHash, password);

describe('the first administrator', () => {
	it.each(['127.0.0.1', '::1', 'localhost'])('is admin / admin on %s, with a warning', async (host) => {
		await openAdministrator({ ...local, host });
		expect(await signsIn('admin', 'admin')).toBe(true);
		expect(withDefaultPassword()?.username).toBe('admin');
	});

	it('is who the settings say', async () => {
		await openAdministrator({ host: '0.0.0.0', username: 'root', password: 'chosen by hand' });
		expect(listUsers()).toMatchObject([{ username: 'root', role: 'admin', defaultPassword: false }]);
		expect(await signsIn('root', 'chosen by hand')).toBe(true);
	});

	it.each(['0.0.0.0', '::', '192.0.2.1'])('needs a password on %s', async (host) => {
		await expect(openAdministrator({ ...local, host })).rejects.toThrow(/ADMIN_PASSWORD/);
		expect(listUsers()).toEqual([]);
	});

	it('needs one there also when the default is from an earlier start', async () => {
		await openAdministrator(local);
		await expect(openAdministrator({ ...local, host: '0.0.0.0' })).rejects.toThrow(/default password/);
	});

	it('gets the password that is set at last', async () => {
		await openAdministrator(local);
		await openAdministrator({ host: '0.0.0.0', username: 'admin', password: 'set at last' });
		expect(await signsIn('admin', 'set at last')).toBe(true);
		expect(withDefaultPassword()).toBeUndefined();
	});

	it('keeps a password that somebody chose, whatever the settings say', async () => {
		await openAdministrator(local);
		await updateUser(findUserByName('admin')!.id, { password: 'chosen in the app' });
		await openAdministrator({ host: '0.0.0.0', username: 'admin', password: 'from the settings' });
		expect(await signsIn('admin', 'chosen in the app')).toBe(true);
		await openAdministrator({ ...local, host: '0.0.0.0' });
	});

	it('is made once', async () => {
		await createUser({ username: 'boss', password: 'a long password', role: 'admin' });
		await openAdministrator(local);
		expect(listUsers().map((user) => user.username)).toEqual(['boss']);
	});

	it('is judged again by the address really bound', async () => {
		await openAdministrator(local);
		expect(() => refuseDefaultPasswordOn('192.0.2.1', undefined)).toThrow(/ADMIN_PASSWORD/);
		expect(() => refuseDefaultPasswordOn('127.0.0.1', undefined)).not.toThrow();
		await updateUser(findUserByName('admin')!.id, { password: 'chosen in the app' });
		expect(() => refuseDefaultPasswordOn('192.0.2.1', undefined)).not.toThrow();
	});
});
