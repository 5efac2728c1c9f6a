import { sql } from 'drizzle-orm';
import { z } from 'zod';
import { database, settings } from '../db/index.ts';
import { events } from '../events.ts';
import { env } from '../env.ts';
import { bridge } from '../bridge.ts';
import packageJson from '../../../../package.json' with { type: 'json' };

/** Document A's two sections. `app` is what is; `models` is what may be written. */
export type Config = {
	app: { name: string; version: string; port: number };
	models: { defaultModel: string | null; maxConcurrent: number };
};

const defaults: Config['models'] = { defaultModel: null, maxConcurrent: 3 };
export const version = packageJson.version;

/** The whole configuration, as it is in effect. */
export function readConfig(): Config {
	const rows = new Map(database().select().from(settings).all().map((row) => [row.key, row.value]));
	return {
		app: { name: 'Llama Runner Async Proxy', version, port: bridge.port ?? env().port },
		models: {
			defaultModel: (rows.get('models.defaultModel') as string | null | undefined) ?? defaults.defaultModel,
			maxConcurrent: (rows.get('models.maxConcurrent') as number | undefined) ?? defaults.maxConcurrent
		}
	};
}

const must = (sentence: string) => ({ error: sentence });
/** Names what is not known, and what is. */
const members = (section: string, known: string) => ({
	error: (issue: { code?: string; keys?: string[] }) =>
		issue.code === 'unrecognized_keys' ? `${issue.keys!.map((key) => section + key).join(', ')}: unknown; known: ${known}` : `${section.slice(0, -1) || 'The body'} must be an object`
});
const maxConcurrent = must('models.maxConcurrent must be a whole number from 1 to 64');

/** What `POST /api/config` takes: any part of the configuration. Unknown members are an error. */
export const configChangeSchema = z.strictObject(
	{
		app: z.strictObject(
			{ name: z.string(must('app.name must be a text')).optional(), version: z.string(must('app.version must be a text')).optional(), port: z.number(must('app.port must be a number')).optional() },
			members('app.', 'app.name, app.version, app.port, which can only be read')
		).optional(),
		models: z.strictObject(
			{
				defaultModel: z.string(must('models.defaultModel must be the name of a model, or null')).max(512, must('models.defaultModel must be at most 512 characters')).nullable().optional(),
				maxConcurrent: z.number(maxConcurrent).int(maxConcurrent).min(1, maxConcurrent).max(64, maxConcurrent).optional()
			},
			members('models.', 'models.defaultModel, models.maxConcurrent')
		).optional()
	},
	members('', 'app, models')
);

/** Merges the change into the configuration; effective at once, kept over a restart. */
export function writeConfig(change: { [K in keyof Config['models']]?: Config['models'][K] | undefined }): Config {
	const now = new Date();
	const before = readConfig().models;
	const changed = (Object.keys(change) as (keyof Config['models'])[]).filter((name) => change[name] !== undefined && change[name] !== before[name]);
	database().transaction((tx) => {
		for (const name of changed) {
			// As text: the column's own encoding would make SQL's NULL of null, which it refuses.
			const [key, value] = [`models.${name}`, sql`${JSON.stringify(change[name])}`];
			tx.insert(settings).values({ key, value, updatedAt: now }).onConflictDoUpdate({ target: settings.key, set: { value, updatedAt: now } }).run();
		}
	});
	if (changed.length) events.emit('config:changed', { paths: changed.map((name) => `models.${name}`) });
	return readConfig();
}
