import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { backupDatabase, BackupRefused } from '#lib/server/db/backup.ts';
import { env } from '#lib/server/env.ts';

// A copy of the database in one file, also while the server runs.

const [file, ...more] = process.argv.slice(2);
try {
	if (!file || more.length) throw new BackupRefused('Usage: npm run backup -- FILE');
	const to = resolve(process.env.INIT_CWD ?? '.', file); // npm runs scripts in the checkout, the person may stand elsewhere
	await backupDatabase(join(env().dataDir, 'llama-runner.sqlite'), to);
	console.log(`Backed up to ${to} (${(statSync(to).size / 2 ** 20).toFixed(1)} MiB). It holds users, conversations and settings; model files and the *secret files in ${env().dataDir} are not in it.`);
} catch (error) {
	const expected = error instanceof BackupRefused || (error as Error).name === 'BootError';
	console.error(expected ? (error as Error).message : error);
	process.exitCode = 1;
}
