import { database, type Db } from './index.ts';

/**
 * A statement that is asked often, made once for each database that is opened: building and preparing one costs ten
 * times what running it does. Use `sql.placeholder` where a value goes.
 */
export function prepared<T>(build: (db: Db) => T): () => T {
	const made = new WeakMap<Db, T>();
	return () => {
		const db = database();
		let statement = made.get(db);
		if (statement === undefined) made.set(db, (statement = build(db)));
		return statement;
	};
}
