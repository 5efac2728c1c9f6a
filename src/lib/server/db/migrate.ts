import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { migrate } from 'drizzle-orm/better-sqlite3/migrator';
import { BootError } from '../env.ts';
import type { Db } from './index.ts';

type Journal = { entries: { when: number; tag: string }[] };

/** Applies the generated migrations. @throws BootError when the database was written by a newer version */
export function migrateDatabase(db: Db, migrationsFolder: string): void {
	const journal = JSON.parse(readFileSync(join(migrationsFolder, 'meta/_journal.json'), 'utf8')) as Journal;
	const newest = Math.max(...journal.entries.map((entry) => entry.when));
	const known = db.$client.prepare(`SELECT name FROM sqlite_master WHERE name = '__drizzle_migrations'`).get();
	const applied = known ? (db.$client.prepare('SELECT max(created_at) AS at FROM __drizzle_migrations').get() as { at: number | null }).at : null;
	if (applied !== null && Number(applied) > newest)
		throw new BootError('The server can\'t start: the database was written by a newer version of Llama Runner. Start that version, or restore a backup made with this one.');
	migrate(db, { migrationsFolder });
}
