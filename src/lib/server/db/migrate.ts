import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { migrate } from 'drizzle-orm/better-sqlite3/migrator';
import { BootError } from '../env.ts';
import type { Db } from './index.ts';

type Journal = { entries: { when: number; tag: string }[] };

/** Whether a newer version of this program than has these migrations wrote the database. */
export function isFromNewerVersion(client: Db['$client'], migrationsFolder: string): boolean {
	const journal = JSON.parse(readFileSync(join(migrationsFolder, 'meta/_journal.json'), 'utf8')) as Journal;
	const newest = Math.max(...journal.entries.map((entry) => entry.when));
	const known = client.prepare(`SELECT name FROM sqlite_master WHERE name = '__drizzle_migrations'`).get();
	const applied = known ? (client.prepare('SELECT max(created_at) AS at FROM __drizzle_migrations').get() as { at: number | null }).at : null;
	return applied !== null && Number(applied) > newest;
}

/** Applies the generated migrations. @throws BootError when the database was written by a newer version */
export function migrateDatabase(db: Db, migrationsFolder: string): void {
	if (isFromNewerVersion(db.$client, migrationsFolder))
		throw new BootError('The server can\'t start: the database was written by a newer version of Llama Runner. Start that version, or restore a backup made with this one.');
	migrate(db, { migrationsFolder });
}
