import { sql } from 'drizzle-orm';
import type { Config } from '../../contract/rest/config.ts';
import { database, settings } from '../db/index.ts';
import { events } from '../events.ts';
import { env } from '../env.ts';
import { bridge } from '../bridge.ts';
import packageJson from '../../../../package.json' with { type: 'json' };

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

/** Which of them were set; the others hold their defaults. */
export function storedConfig(): (keyof Config['models'])[] {
	const keys = new Set(database().select({ key: settings.key }).from(settings).all().map(({ key }) => key));
	return (Object.keys(defaults) as (keyof Config['models'])[]).filter((name) => keys.has(`models.${name}`));
}

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
