import { lookup } from 'node:dns/promises';
import { and, eq } from 'drizzle-orm';
import { defaultPassword } from '../../contract/passwords.ts';
import { database, users } from '../db/index.ts';
import { BootError } from '../env.ts';
import { isLoopback } from './access.ts';
import { createUser, updateUser, type User } from './users.ts';

/** The user who can still sign in with the documented password. */
export const withDefaultPassword = (): User | undefined => database().select().from(users).where(and(eq(users.defaultPassword, true), eq(users.disabled, false))).get();

const refusal = (host: string) => new BootError(`The server can't start on ${host}, where other machines reach it: the administrator has the default password. Set ADMIN_PASSWORD, or HOST=127.0.0.1.`);

async function isLoopbackHost(host: string): Promise<boolean> {
	const addresses = await lookup(host, { all: true }).catch(() => []);
	return addresses.length > 0 && addresses.every(({ address }) => isLoopback(address));
}

/**
 * Makes the first administrator. Without a password it is the default one, which only this machine may reach; a password that is set
 * later replaces the default, but never one that somebody chose.
 * @throws BootError on an address that others reach while the password is the default
 */
export async function openAdministrator({ host, username, password }: { host: string; username: string; password: string | undefined }): Promise<void> {
	const exists = database().select({ id: users.id }).from(users).where(eq(users.role, 'admin')).get() !== undefined;
	const isDefault = withDefaultPassword();
	if (password === undefined && (!exists || isDefault) && !(await isLoopbackHost(host))) throw refusal(host);
	if (!exists) await createUser({ username, password: password ?? defaultPassword, role: 'admin', defaultPassword: (password ?? defaultPassword) === defaultPassword });
	else if (isDefault && password !== undefined && password !== defaultPassword) await updateUser(isDefault.id, { password });
}

/** The same once the port is open: judged by the address really bound, which HOST only asked for. @throws BootError */
export function refuseDefaultPasswordOn(address: string, password: string | undefined): void {
	if (password === undefined && !isLoopback(address) && withDefaultPassword()) throw refusal(address);
}
