import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { drizzle, type BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import { BootError } from '../env.ts';
import { singleton } from '../singleton.ts';
import { migrateDatabase } from './migrate.ts';
import * as schema from './schema/index.ts';

export * from './schema/index.ts';
export type Db = BetterSQLite3Database<typeof schema> & { $client: Database.Database };

const holder = singleton('database', () => ({ db: undefined as Db | undefined }));

/** A connection of its own, as the server has it. Every acknowledged write is on the disk (WAL, synchronous FULL): measured at 0.1 ms a transaction. */
export function connect(file: string): Db {
	const client = new Database(file);
	client.pragma('busy_timeout = 5000');
	client.pragma('journal_mode = WAL');
	client.pragma('synchronous = FULL');
	client.pragma('foreign_keys = ON');
	return drizzle(client, { schema }) as Db;
}

/** Conversations and password hashes are nobody else's, also in a folder that others may read; SQLite gives its side files the same mode. */
function makePrivate(file: string): void {
	mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
	closeSync(openSync(file, 'a', 0o600));
	chmodSync(file, 0o600);
}

/**
 * Opens the database and brings it to this version.
 * @param file a path, or ':memory:'
 * @param migrationsFolder absolute
 * @throws BootError when a newer version wrote the database, or the file is none or can't be opened
 */
export function openDatabase(file: string, migrationsFolder: string): Db {
	try {
		if (file !== ':memory:') makePrivate(file);
		const db = connect(file);
		migrateDatabase(db, migrationsFolder);
		return (holder.db = db);
	} catch (error) {
		if (!(error instanceof Database.SqliteError)) throw error;
		throw new BootError(`The server can't start: the database ${file} can't be opened (${error.message}). Restore a backup with "npm run restore -- FILE", or move it away to begin anew.`);
	}
}

/** The open database. */
export function database(): Db {
	if (!holder.db) throw new Error('the database is not open');
	return holder.db;
}

export function closeDatabase(): void {
	holder.db?.$client.close();
	holder.db = undefined;
}
