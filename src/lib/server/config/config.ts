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

const only = 'Known members: models.defaultModel, models.maxConcurrent; app.* can be read only';
/** What `POST /api/config` takes. Unknown members are an error. */
export const configChangeSchema = z.strictObject(
	{
		app: z.strictObject({ name: z.string().optional(), version: z.string().optional(), port: z.number().optional() }, { error: only }).optional(),
		models: z
			.strictObject(
				{
					defaultModel: z.string().max(512).nullable().optional(),
					maxConcurrent: z.number({ error: 'models.maxConcurrent must be a whole number from 1 to 64' }).int().min(1).max(64).optional()
				},
				{ error: only }
			)
			.optional()
	},
	{ error: only }
);

/** Merges the change into the configuration; effective at once, kept over a restart. */
export function writeConfig(change: Partial<Config['models']>): Config {
	const now = new Date();
	const paths = Object.entries(change).filter(([, value]) => value !== undefined).map(([name, value]) => ({ key: `models.${name}`, value }));
	database().transaction((tx) => {
		for (const { key, value } of paths)
			tx.insert(settings).values({ key, value, updatedAt: now }).onConflictDoUpdate({ target: settings.key, set: { value, updatedAt: now } }).run();
	});
	events.emit('config:changed', { paths: paths.map((row) => row.key) });
	return readConfig();
}
