import type { Statement } from 'better-sqlite3';
import { database, type Db } from './index.ts';
import { prepared } from './prepared.ts';

/** What one reading keeps for a database, at most; then it begins anew. */
const most = 1000;

const asked = prepared(({ $client }) => ({
	/** rows that this connection has written, deleted ones and those of foreign keys included */
	own: $client.prepare('SELECT total_changes()').pluck() as Statement<[], number>,
	/** rises with each commit of another connection, in whatever process */
	others: $client.prepare('PRAGMA data_version').pluck() as Statement<[], number>
}));

/**
 * A reading of the database that is asked for again and again, by its key. What it gave is given again for as long as nothing at all has
 * been written, by us or by another program: to ask that takes 5 µs, to read a row 20 to 180. What is given is shared; nobody may change it.
 */
export function remembered<T>(read: (key: string) => T): (key: string) => T {
	const memories = new WeakMap<Db, { own: number; others: number; found: Map<string, T> }>();
	return (key) => {
		const db = database();
		if (db.$client.inTransaction) return read(key); // what a transaction sees may be taken back
		const { own, others } = asked();
		const now = { own: own.get()!, others: others.get()! };
		let memory = memories.get(db);
		if (!memory || memory.own !== now.own || memory.others !== now.others || memory.found.size >= most) memories.set(db, (memory = { ...now, found: new Map() }));
		if (!memory.found.has(key)) memory.found.set(key, read(key));
		return memory.found.get(key)!;
	};
}
