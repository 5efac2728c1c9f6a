import { z } from 'zod';
import { longestPassword, shortestPassword } from './passwords.ts';

/** Letters and digits of any script and . _ @ - : nothing that could pass for markup, a path or a second line. */
const usernamePattern = /^[\p{L}\p{N}._@-]+$/u;

export const roleSchema = z.enum(['admin', 'user'], { error: 'role must be admin or user' });
export type Role = z.infer<typeof roleSchema>;

export const usernameSchema = z
	.string({ error: 'Username is required' })
	.trim()
	.normalize('NFKC')
	.min(1, 'Username is required')
	.max(64, 'Username must be at most 64 characters')
	.regex(usernamePattern, 'Username may hold letters, digits and . _ @ - only');

/** A password that is set. What signs in is not judged by this: an older password may be shorter. */
export const newPasswordSchema = z
	.string({ error: 'Password is required' })
	.min(shortestPassword, `Password must be at least ${shortestPassword} characters`)
	.max(longestPassword, `Password must be at most ${longestPassword} characters`);

/** Document B's login; the sentences are its own. */
export const loginSchema = z.object(
	{
		username: z.string({ error: 'Username is required' }).min(1, 'Username is required').max(256, 'Username must be at most 256 characters'),
		password: z
			.string({ error: 'Password must be at least 1 character' })
			.min(1, 'Password must be at least 1 character')
			.max(longestPassword, `Password must be at most ${longestPassword} characters`)
	},
	{ error: 'The body must be a JSON object with username and password' }
);

/** A user as the signed-in user and administrators see one. */
export type ShownUser = { id: string; username: string; role: Role; disabled: boolean; defaultPassword: boolean; createdAt: Date; lastLoginAt: Date | null };
/** One of one's own sessions. */
export type ShownSession = { id: string; createdAt: Date; expiresAt: Date; userAgent: string; ip: string; current: boolean };
/** One of one's own API keys; the key itself is shown once, when it is made. */
export type ShownKey = { id: string; name: string; prefix: string; createdAt: Date; lastUsedAt: Date | null };
