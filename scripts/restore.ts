import { join, resolve } from 'node:path';
import { BackupRefused, restoreDatabase } from '#lib/server/db/backup.ts';
import { env } from '#lib/server/env.ts';

// Puts a backup in the database's place. The server must not be running.

const [file, ...more] = process.argv.slice(2);
try {
	if (!file || more.length) throw new BackupRefused('Usage: npm run restore -- FILE');
	const { dataDir, root } = env();
	const kept = await restoreDatabase(resolve(process.env.INIT_CWD ?? '.', file), join(dataDir, 'llama-runner.sqlite'), join(root, 'drizzle'));
	console.log(`Restored. Everybody signs in again.${kept ? ` What was there is in ${kept}.` : ''}`);
} catch (error) {
	const expected = error instanceof BackupRefused || (error as Error).name === 'BootError';
	console.error(expected ? (error as Error).message : error);
	process.exitCode = 1;
}
