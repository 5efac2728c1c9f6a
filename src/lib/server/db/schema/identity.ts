import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { flag, json, timestamp } from './columns.ts';

export const users = sqliteTable('users', {
	id: text('id').primaryKey(),
	/** unique without regard to case: stored as typed, compared by `usernameKey` */
	username: text('username').notNull(),
	usernameKey: text('username_key').notNull().unique(),
	/** argon2id */
	passwordHash: text('password_hash').notNull(),
	role: text('role', { enum: ['admin', 'user'] }).notNull(),
	disabled: flag('disabled').notNull().default(false),
	/** the password is the documented default and must be changed */
	defaultPassword: flag('default_password').notNull().default(false),
	createdAt: timestamp('created_at').notNull(),
	updatedAt: timestamp('updated_at').notNull(),
	lastLoginAt: timestamp('last_login_at')
});

export const sessions = sqliteTable(
	'sessions',
	{
		id: text('id').primaryKey(),
		userId: text('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
		/** seconds since the epoch: lucia's adapter wants it so */
		expiresAt: integer('expires_at').notNull(),
		createdAt: timestamp('created_at').notNull(),
		userAgent: text('user_agent').notNull().default(''),
		ip: text('ip').notNull().default('')
	},
	(table) => [index('sessions_user').on(table.userId)]
);

export const apiKeys = sqliteTable(
	'api_keys',
	{
		id: text('id').primaryKey(),
		userId: text('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
		name: text('name').notNull(),
		/** its first characters, to recognise it by */
		prefix: text('prefix').notNull(),
		/** SHA-256 of the key, hex */
		hash: text('hash').notNull().unique(),
		createdAt: timestamp('created_at').notNull(),
		lastUsedAt: timestamp('last_used_at'),
		revokedAt: timestamp('revoked_at')
	},
	(table) => [index('api_keys_user').on(table.userId)]
);

export const audit = sqliteTable(
	'audit',
	{
		id: integer('id').primaryKey({ autoIncrement: true }),
		at: timestamp('at').notNull(),
		/** what was done: `auth.login`, `users.create`, … */
		action: text('action').notNull(),
		outcome: text('outcome', { enum: ['ok', 'refused'] }).notNull(),
		userId: text('user_id'),
		username: text('username').notNull().default(''),
		target: text('target').notNull().default(''),
		ip: text('ip').notNull().default(''),
		requestId: text('request_id').notNull().default(''),
		details: json<Record<string, unknown>>('details')
	},
	(table) => [index('audit_at').on(table.at)]
);
