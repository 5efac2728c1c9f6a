import { existsSync, mkdtempSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../../tests/support/folder.ts';
import { backupDatabase, restoreDatabase } from './backup.ts';
import { closeDatabase, connect, database, openDatabase, sessions, users } from './index.ts';

const migrations = resolve(import.meta.dirname, '../../../../drizzle');
const root = temporaryFolder();
let folder: string;
let file: string;
beforeEach(() => {
	folder = mkdtempSync(join(root, 'test-'));
	file = join(folder, 'data', 'llama-runner.sqlite');
});

const addUser = (name: string) => database().insert(users).values({ id: name, username: name, usernameKey: name, passwordHash: '', role: 'user', createdAt: new Date(), updatedAt: new Date() }).run();
function usersIn(path: string): string[] {
	const client = new Database(path, { readonly: true });
	const names = client.prepare('SELECT username FROM users ORDER BY rowid').pluck().all() as string[];
	client.close();
	return names;
}

describe('a backup', () => {
	it('is one sound file, readable by its owner alone, and is made while the database is in use', async () => {
		openDatabase(file, migrations);
		addUser('ann');
		const to = join(folder, 'backups', 'a.sqlite');
		await backupDatabase(file, to);
		addUser('bob');
		closeDatabase();
		expect(usersIn(to)).toEqual(['ann']);
		expect(readdirSync(join(folder, 'backups'))).toEqual(['a.sqlite']);
		expect(statSync(to).mode & 0o777).toBe(0o600);
	});

	it('is what the database was at one moment, and comes to an end while another writes all the time', async () => {
		openDatabase(file, migrations);
		database().$client.exec('CREATE TABLE filler AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) SELECT i, hex(randomblob(200)) AS x FROM n');
		closeDatabase();
		const writer = new Worker(
			`const { workerData, parentPort } = require('node:worker_threads');
			const db = new (require('better-sqlite3'))(workerData);
			db.exec('CREATE TABLE a(i); CREATE TABLE b(i);');
			const both = db.transaction((i) => { db.prepare('INSERT INTO a VALUES (?)').run(i); db.prepare('INSERT INTO b VALUES (?)').run(i); });
			let i = 0;
			const step = () => { both(i++); setImmediate(step); };
			step();
			parentPort.postMessage('writing');`,
			{ eval: true, workerData: file }
		);
		await new Promise((ready) => writer.once('message', ready));
		const to = join(folder, 'b.sqlite');
		await backupDatabase(file, to);
		await writer.terminate();
		const copy = new Database(to, { readonly: true });
		const [a, b] = ['a', 'b'].map((table) => copy.prepare(`SELECT count(*) FROM ${table}`).pluck().get());
		expect(a).toBe(b);
		expect(copy.prepare('SELECT count(*) FROM filler').pluck().get()).toBe(20_000);
		copy.close();
	});

	it('never replaces a file, and leaves none behind when it fails', async () => {
		openDatabase(file, migrations);
		closeDatabase();
		const to = join(folder, 'c.sqlite');
		writeFileSync(to, 'precious');
		await expect(backupDatabase(file, to)).rejects.toThrow(/is there already/);
		expect(readFileSync(to, 'utf8')).toBe('precious');
		await expect(backupDatabase(join(folder, 'none.sqlite'), join(folder, 'd.sqlite'))).rejects.toThrow(/There is no file/);
		writeFileSync(join(folder, 'no.sqlite'), 'no database at all, but long enough to be looked at');
		await expect(backupDatabase(join(folder, 'no.sqlite'), join(folder, 'd.sqlite'))).rejects.toThrow();
		expect(readdirSync(folder).filter((name) => name.startsWith('d.'))).toEqual([]);
	});
});

describe('a restoration', () => {
	async function backupOf(name: string): Promise<string> {
		openDatabase(file, migrations);
		addUser(name);
		database().insert(sessions).values({ id: `session-${name}`, userId: name, expiresAt: 9_999_999_999, createdAt: new Date() }).run();
		const to = join(folder, `${name}.sqlite`);
		await backupDatabase(file, to);
		return to;
	}

	it('puts the backup in place, keeps what was there, and ends all sessions', async () => {
		const backup = await backupOf('ann');
		addUser('bob');
		closeDatabase();
		const kept = await restoreDatabase(backup, file, migrations);
		expect(usersIn(file)).toEqual(['ann']);
		expect(usersIn(kept!)).toEqual(['ann', 'bob']);
		openDatabase(file, migrations);
		expect(database().select().from(sessions).all()).toEqual([]);
		closeDatabase();
		expect(usersIn(backup)).toEqual(['ann']);
	});

	it('makes the folder and the database where there is none', async () => {
		const backup = await backupOf('ann');
		closeDatabase();
		const elsewhere = join(folder, 'other', 'llama-runner.sqlite');
		expect(await restoreDatabase(backup, elsewhere, migrations)).toBeUndefined();
		expect(usersIn(elsewhere)).toEqual(['ann']);
	});

	it('is refused while the database is in use, and changes nothing', async () => {
		const backup = await backupOf('ann');
		addUser('bob');
		await expect(restoreDatabase(backup, file, migrations)).rejects.toThrow(/server is running/);
		addUser('carl');
		closeDatabase();
		expect(usersIn(file)).toEqual(['ann', 'bob', 'carl']);
		expect(readdirSync(join(folder, 'data')).filter((name) => !basename(file).startsWith(name) && !/-(wal|shm)$/.test(name))).toEqual([]);
	});

	it('takes the place of a damaged database', async () => {
		const backup = await backupOf('ann');
		closeDatabase();
		writeFileSync(file, 'damaged beyond recognition, and long enough to be looked at');
		writeFileSync(`${file}-wal`, 'left behind');
		await restoreDatabase(backup, file, migrations);
		expect(usersIn(file)).toEqual(['ann']);
		expect(existsSync(`${file}-wal`)).toBe(false);
	});

	it.each([
		['no database', (path: string) => writeFileSync(path, 'just a text that somebody took for a backup'), /can't be read/],
		['another program’s', (path: string) => new Database(path).exec('CREATE TABLE t(i)').close(), /no database of Llama Runner/],
		['a newer version’s', (path: string) => {
			const { $client } = openDatabase(path, migrations);
			$client.exec(`INSERT INTO __drizzle_migrations(hash, created_at) VALUES ('x', 9999999999999)`);
			closeDatabase();
		}, /newer version/]
	])('takes no file that is %s', async (_what, make, message) => {
		const path = join(folder, 'wrong.sqlite');
		make(path);
		await expect(restoreDatabase(path, file, migrations)).rejects.toThrow(message);
		expect(existsSync(file)).toBe(false);
	});
});

describe('opening', () => {
	it('a database from a newer version is refused with what to do', () => {
		const { $client } = openDatabase(file, migrations);
		$client.exec(`INSERT INTO __drizzle_migrations(hash, created_at) VALUES ('x', 9999999999999)`);
		closeDatabase();
		expect(() => openDatabase(file, migrations)).toThrow(/newer version of Llama Runner/);
	});

	it('a file that is no database is refused with what to do', () => {
		openDatabase(file, migrations);
		closeDatabase();
		writeFileSync(file, 'no database at all, but long enough to be looked at');
		expect(() => openDatabase(file, migrations)).toThrow(/can't be opened.*npm run restore/);
	});

	it('the file and its side files are readable by their owner alone', () => {
		const { $client } = openDatabase(file, migrations);
		$client.exec('CREATE TABLE touched (id)');
		for (const path of [file, `${file}-wal`, `${file}-shm`]) expect([path, (statSync(path).mode & 0o777).toString(8)]).toEqual([path, '600']);
	});

	it('every write is on the disk when it returns', () => {
		const { $client } = connect(join(folder, 'pragmas.sqlite'));
		expect([$client.pragma('journal_mode', { simple: true }), $client.pragma('synchronous', { simple: true }), $client.pragma('foreign_keys', { simple: true })]).toEqual(['wal', 2, 1]);
		$client.close();
	});
});
