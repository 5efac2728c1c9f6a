import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../../tests/support/folder.ts';
import { closeDatabase, connect, database, openDatabase } from './index.ts';
import { remembered } from './remembered.ts';

const migrations = join(import.meta.dirname, '../../../../drizzle');
const folder = temporaryFolder();
let files = 0;
let file: string;
let readings: number;
const nameOf = remembered((id) => {
	readings++;
	return (database().$client.prepare('SELECT name FROM pets WHERE id = ?').pluck().get(id) as string | undefined) ?? 'nobody';
});

const open = () => void openDatabase((file = join(folder, `${++files}.db`)), migrations).$client.exec("CREATE TABLE pets (id TEXT PRIMARY KEY, name TEXT, mother TEXT REFERENCES pets(id) ON DELETE CASCADE)");
const add = (id: string, mother: string | null = null) => database().$client.prepare('INSERT INTO pets VALUES (?, ?, ?)').run(id, `name of ${id}`, mother);

beforeEach(() => {
	open();
	readings = 0;
});
afterEach(closeDatabase);

describe('remembered', () => {
	it('reads once for as long as nothing is written', () => {
		add('a');
		expect([nameOf('a'), nameOf('a'), nameOf('b'), nameOf('b')]).toEqual(['name of a', 'name of a', 'nobody', 'nobody']);
		expect(readings).toBe(2);
	});

	it('reads again after a write of its own, and after one through another connection', () => {
		expect(nameOf('a')).toBe('nobody');
		add('a');
		expect(nameOf('a')).toBe('name of a');
		const other = connect(file);
		other.$client.prepare("UPDATE pets SET name = 'renamed' WHERE id = 'a'").run();
		expect(nameOf('a')).toBe('renamed');
		other.$client.prepare('DELETE FROM pets').run();
		other.$client.close();
		expect(nameOf('a')).toBe('nobody');
	});

	it('keeps nothing of what a transaction takes back', () => {
		const { $client } = database();
		$client.exec('BEGIN');
		add('a');
		expect(nameOf('a')).toBe('name of a');
		$client.exec('ROLLBACK');
		expect(nameOf('a')).toBe('nobody');
	});

	it('notices what a foreign key deletes', () => {
		add('a');
		add('b', 'a');
		expect(nameOf('b')).toBe('name of b');
		database().$client.prepare("DELETE FROM pets WHERE id = 'a'").run();
		expect(nameOf('b')).toBe('nobody');
	});

	it('is another for each database', () => {
		add('a');
		expect(nameOf('a')).toBe('name of a');
		closeDatabase();
		open();
		expect(nameOf('a')).toBe('nobody');
	});

	it('keeps a thousand at most', () => {
		for (let id = 0; id < 1001; id++) nameOf(String(id));
		nameOf('1000');
		expect(readings).toBe(1001);
		nameOf('0');
		expect(readings).toBe(1002);
	});
});
