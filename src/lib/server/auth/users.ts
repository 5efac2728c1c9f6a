import { randomUUID } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { database, users } from '../db/index.ts';

export type User = typeof users.$inferSelect;

/** The administrator, made on the first start. */
export function firstAdministrator(username: string, passwordHash: string): User {
	const found = database().select().from(users).where(eq(users.role, 'admin')).get();
	if (found) return found;
	const now = new Date();
	return database().insert(users).values({ id: randomUUID(), username, usernameKey: username.toLowerCase(), passwordHash, role: 'admin', createdAt: now, updatedAt: now }).returning().get();
}
