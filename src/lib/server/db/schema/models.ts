import { index, integer, primaryKey, real, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { flag, json, timestamp } from './columns.ts';

export const models = sqliteTable('models', {
	id: text('id').primaryKey(),
	name: text('name').notNull().unique(),
	description: text('description').notNull().default(''),
	/** absolute path of the (first) GGUF file */
	path: text('path').notNull(),
	version: text('version').notNull().default(''),
	family: text('family').notNull().default(''),
	architecture: text('architecture').notNull().default(''),
	quantization: text('quantization').notNull().default(''),
	/** bytes of all parts */
	sizeBytes: integer('size_bytes').notNull(),
	parameterCount: integer('parameter_count'),
	/** tokens the model was trained for */
	contextLength: integer('context_length'),
	hasChatTemplate: flag('has_chat_template').notNull().default(false),
	purpose: text('purpose', { enum: ['generate', 'embed', 'rank'] }).notNull().default('generate'),
	aliases: json<string[]>('aliases').notNull().default([]),
	pinned: flag('pinned').notNull().default(false),
	/** the watcher found the file gone */
	missing: flag('missing').notNull().default(false),
	createdAt: timestamp('created_at').notNull(),
	updatedAt: timestamp('updated_at').notNull(),
	lastUsedAt: timestamp('last_used_at')
});

/** Configuration sections as they were last written, one row a dotted path. */
export const settings = sqliteTable('settings', {
	key: text('key').primaryKey(),
	value: json<unknown>('value').notNull(),
	updatedAt: timestamp('updated_at').notNull()
});

/** Parameter values that differ from the default: for everything (`modelId` '') or for one model. */
export const parameterValues = sqliteTable(
	'parameter_values',
	{
		modelId: text('model_id').notNull().default(''),
		name: text('name').notNull(),
		value: json<unknown>('value').notNull(),
		updatedAt: timestamp('updated_at').notNull()
	},
	(table) => [primaryKey({ columns: [table.modelId, table.name] })]
);

/** Monitoring samples. `seconds` is the interval each row stands for: 30 as measured, 300 and 3600 as rolled up. */
export const samples = sqliteTable(
	'samples',
	{
		seconds: integer('seconds').notNull(),
		at: timestamp('at').notNull(),
		/** percent 0–100 */
		cpu: real('cpu').notNull(),
		memory: real('memory').notNull(),
		requests: integer('requests').notNull(),
		activeModels: real('active_models').notNull(),
		promptTokens: integer('prompt_tokens').notNull().default(0),
		completionTokens: integer('completion_tokens').notNull().default(0),
		/** further series: GPU and VRAM percent, disk, load by model … */
		extra: json<Record<string, number>>('extra').notNull().default({})
	},
	(table) => [primaryKey({ columns: [table.seconds, table.at] })]
);

export const upstreams = sqliteTable('upstreams', {
	id: text('id').primaryKey(),
	name: text('name').notNull().unique(),
	kind: text('kind', { enum: ['lm-studio', 'openai-compatible'] }).notNull(),
	baseUrl: text('base_url').notNull(),
	/** encrypted at rest; see upstream/ */
	apiKey: text('api_key'),
	enabled: flag('enabled').notNull().default(true),
	createdAt: timestamp('created_at').notNull(),
	updatedAt: timestamp('updated_at').notNull()
});

export const downloads = sqliteTable(
	'downloads',
	{
		id: text('id').primaryKey(),
		source: text('source').notNull(),
		file: text('file').notNull(),
		state: text('state', { enum: ['queued', 'running', 'paused', 'done', 'failed'] }).notNull(),
		totalBytes: integer('total_bytes'),
		sha256: text('sha256'),
		error: text('error'),
		details: json<Record<string, unknown>>('details').notNull().default({}),
		createdAt: timestamp('created_at').notNull(),
		updatedAt: timestamp('updated_at').notNull()
	},
	(table) => [index('downloads_created').on(table.createdAt)]
);
