import Database from 'better-sqlite3';

/**
 * Takes what only one process may have at a time: a lock of the operating system on the file, which ends with the process however that
 * ends. @returns the function that lets go; undefined when another process has it
 */
export function takeHold(file: string): (() => void) | undefined {
	const client = new Database(file, { timeout: 0 });
	try {
		client.exec('BEGIN EXCLUSIVE');
		return () => void client.close();
	} catch (error) {
		client.close();
		if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) return undefined;
		throw error;
	}
}
