import { resolve } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { closeDatabase, openDatabase } from '#lib/server/db/index.ts';

/** An empty database in memory for each test of the file that calls this. */
export function freshDatabase(): void {
	beforeEach(() => void openDatabase(':memory:', resolve(import.meta.dirname, '../../drizzle')));
	afterEach(closeDatabase);
}
