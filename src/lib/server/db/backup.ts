import { chmodSync, closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { connect } from './index.ts';
import { isFromNewerVersion, migrateDatabase } from './migrate.ts';

/** Why a backup or a restoration was not made; its message is for the person who asked. */
export class BackupRefused extends Error {
	override name = 'BackupRefused';
}

/** @throws BackupRefused unless the file is a sound database of this program */
function requireSound(client: Database.Database, file: string): void {
	try {
		const problems = client.pragma('quick_check(1)', { simple: true });
		const isOurs = client.prepare(`SELECT count(*) AS found FROM sqlite_master WHERE name IN ('__drizzle_migrations', 'users', 'conversations')`).pluck().get() === 3;
		if (problems === 'ok' && isOurs) return;
		throw new BackupRefused(isOurs ? `${file} is damaged: ${String(problems)}` : `${file} is no database of Llama Runner`);
	} catch (error) {
		if (error instanceof Database.SqliteError) throw new BackupRefused(`${file} can't be read: ${error.message}`);
		throw error;
	}
}

function openToRead(file: string): Database.Database {
	if (!existsSync(file)) throw new BackupRefused(`There is no file ${file}`);
	return new Database(file, { readonly: true });
}

/** Whole on the disk, readable by this user alone, and then under its name: never half a file by that name. */
function putInPlace(made: string, file: string): void {
	chmodSync(made, 0o600);
	for (const path of [made, dirname(made)]) {
		const handle = openSync(path, 'r');
		fsyncSync(handle);
		closeSync(handle);
	}
	renameSync(made, file);
}

/** Copies what the database is at this moment, also while others write to it, through SQLite's online backup. */
async function copyDatabase(from: Database.Database, to: string): Promise<void> {
	rmSync(to, { force: true });
	// One snapshot for the whole copy: without it the copy begins anew with every write of another process.
	from.exec('BEGIN');
	from.prepare('SELECT count(*) FROM sqlite_master').get();
	await from.backup(to);
	from.exec('COMMIT');
}

/** Writes a backup that was read back and found sound. The server may be running. @throws BackupRefused */
export async function backupDatabase(file: string, to: string): Promise<void> {
	if (existsSync(to)) throw new BackupRefused(`${to} is there already; name another file, or remove it`);
	mkdirSync(dirname(to), { recursive: true });
	const source = openToRead(file);
	const made = `${to}.part`;
	try {
		await copyDatabase(source, made);
		const copy = new Database(made);
		copy.pragma('journal_mode = DELETE'); // one file, without companions
		requireSound(copy, made);
		copy.close();
		putInPlace(made, to);
	} finally {
		source.close();
		rmSync(made, { force: true });
	}
}

/** Whether anybody has the database open: leaving WAL needs it alone, and SQLite itself watches over that. One that is damaged nobody can use. */
function isOpenElsewhere(file: string): boolean {
	const client = new Database(file, { timeout: 500 });
	try {
		client.pragma('journal_mode = DELETE');
		return false;
	} catch (error) {
		return (error as { code?: string }).code === 'SQLITE_BUSY';
	} finally {
		client.close();
	}
}

/** Moves the database away, with what a crash may have left beside it. */
function moveAway(file: string, to: string): void {
	for (const companion of ['', '-wal', '-shm']) if (existsSync(file + companion)) renameSync(file + companion, to + companion);
}

/**
 * Puts a backup in the database's place, brought to this version; all sessions in it have ended. What was there is kept beside it.
 * @returns the path of what was there; undefined when there was nothing
 * @throws BackupRefused while the server runs, and for a file that is no sound backup or of a newer version
 */
export async function restoreDatabase(from: string, file: string, migrationsFolder: string, now = new Date()): Promise<string | undefined> {
	const source = openToRead(from);
	const made = `${file}.restoring`;
	mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
	try {
		requireSound(source, from);
		if (isFromNewerVersion(source, migrationsFolder)) throw new BackupRefused(`${from} was written by a newer version of Llama Runner; restore it with that one`);
		await copyDatabase(source, made);
		const db = connect(made);
		migrateDatabase(db, migrationsFolder);
		db.$client.exec('DELETE FROM sessions'); // who signed out since, or lost their rights, must not be in again
		db.$client.pragma('journal_mode = DELETE');
		db.$client.close();
		if (!existsSync(file)) return void putInPlace(made, file);
		if (isOpenElsewhere(file)) throw new BackupRefused('The server is running on this database; stop it and restore again');
		const kept = `${file}.before-${now.toISOString().replace(/[:.]/g, '-')}`;
		moveAway(file, kept);
		putInPlace(made, file);
		return kept;
	} finally {
		source.close();
		rmSync(made, { force: true });
	}
}
