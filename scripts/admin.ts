import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { env } from '#lib/server/env.ts';

// The way back for whoever is locked out, on the machine itself, whether the server runs or not: sessions stand in the database,
// and a running server looks there. What needs the database is read when it is needed: from the sources that takes a second.

const usage = 'Usage: npm run admin -- reset-password <user>, or: npm run admin -- restore-guide';

/** A mistake of the person at the keyboard: told in one line. */
class Refused extends Error {}

async function record(action: 'admin.resetPassword' | 'admin.restoreGuide', target: string): Promise<void> {
	const { recordAudit } = await import('#lib/server/audit/audit.ts');
	recordAudit({ userId: null, username: '', ip: '', requestId: '' }, action, { outcome: 'ok', target });
}

/** Gives the user a new password, lets them in again if they were disabled, and ends all of their sessions. */
async function resetPassword(username: string): Promise<string> {
	const { findUserByName, listUsers, updateUser } = await import('#lib/server/auth/users.ts');
	const user = findUserByName(username);
	if (!user) throw new Refused(`There is no user "${username}". There are: ${listUsers().map((one) => one.username).join(', ')}`);
	const password = randomBytes(15).toString('base64url');
	await updateUser(user.id, { password, disabled: false });
	await record('admin.resetPassword', user.username);
	return `The new password of ${user.username} is: ${password}\nAll sessions of ${user.username} have ended. Sign in and change it.`;
}

/** Registers the built-in model again after it was removed. */
async function bringBackGuide(): Promise<string> {
	const { restoreGuide } = await import('#lib/server/guide/guide.ts');
	const { name } = await restoreGuide(AbortSignal.timeout(30_000));
	await record('admin.restoreGuide', name);
	return `The guide is registered as "${name}".`;
}

const commands: Record<string, { arguments: number; run: (...given: string[]) => Promise<string> }> = {
	'reset-password': { arguments: 1, run: resetPassword },
	'restore-guide': { arguments: 0, run: bringBackGuide }
};

async function main([name = '', ...given]: string[]): Promise<string> {
	const command = Object.hasOwn(commands, name) ? commands[name]! : undefined;
	if (!command || given.length !== command.arguments) throw new Refused(usage);
	const { dataDir, root } = env();
	const file = join(dataDir, 'llama-runner.sqlite');
	if (!existsSync(file)) throw new Refused(`There is no database in ${dataDir}. Set DATA_DIR as the server has it.`);
	const { closeDatabase, openDatabase } = await import('#lib/server/db/index.ts');
	openDatabase(file, join(root, 'drizzle'));
	try {
		return await command.run(...given);
	} finally {
		closeDatabase();
	}
}

try {
	console.log(await main(process.argv.slice(2)));
} catch (error) {
	const expected = error instanceof Refused || ['BootError', 'AppError'].includes((error as Error).name);
	console.error(expected ? (error as Error).message : error);
	process.exitCode = 1;
}
