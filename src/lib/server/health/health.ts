import { database } from '../db/index.ts';

export type Check = { name: string; status: 'Healthy' | 'Unhealthy'; description: string };

/** Whether the database answers. */
export function checkDatabase(): Check {
	try {
		database().$client.prepare('SELECT 1').get();
		return { name: 'Database', status: 'Healthy', description: 'Database connection is healthy' };
	} catch {
		return { name: 'Database', status: 'Unhealthy', description: 'The database does not answer' };
	}
}
