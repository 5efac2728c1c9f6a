import { join } from 'node:path';
import { eq, sql } from 'drizzle-orm';
import type { DownloadSettings, DownloadSettingsChange } from '../../contract/downloads.ts';
import { database, settings } from '../db/index.ts';
import { env } from '../env.ts';
import { keptSecret } from '../kept-secret.ts';
import { logger } from '../logs/logger.ts';
import { singleton } from '../singleton.ts';
import { sealWith } from '../upstream/seal.ts';
import type { HostRules } from './hosts.ts';

const log = logger('downloads');
const keys = { token: 'downloads.token', hosts: 'downloads.allowedHosts' };

/** The same secret as the keys of upstreams: what is sealed for one owner does not open for another. */
const seal = () =>
	singleton('download-seal', () => sealWith(keptSecret(join(env().dataDir, 'upstream-keys.secret'), 'Mend or remove it; when it is gone a new one is made and the hub token must be set again.')));

const read = (key: string): unknown => database().select({ value: settings.value }).from(settings).where(eq(settings.key, key)).get()?.value;

function write(key: string, value: unknown): void {
	const [text, updatedAt] = [sql`${JSON.stringify(value)}`, new Date()];
	database().insert(settings).values({ key, value: text, updatedAt }).onConflictDoUpdate({ target: settings.key, set: { value: text, updatedAt } }).run();
}

const allowedHosts = (): string[] => (read(keys.hosts) as string[] | undefined) ?? [];

/** The access token for the hub: the one kept here, else the environment's. */
export function hubToken(): string | undefined {
	const sealed = read(keys.token);
	if (typeof sealed !== 'string' || sealed === '') return env().hubToken;
	const token = seal().open(sealed, keys.token);
	if (token === undefined) log.error('The hub token can\'t be opened; set it again');
	return token ?? env().hubToken;
}

export const hostRules = (): HostRules => ({ hub: env().hubEndpoint, operator: env().downloadHosts, allowed: allowedHosts() });

export function downloadSettings(): DownloadSettings {
	const kept = read(keys.token);
	return {
		endpoint: env().hubEndpoint,
		token: typeof kept === 'string' && kept !== '' ? 'set' : env().hubToken ? 'environment' : 'none',
		allowedHosts: allowedHosts(),
		operatorHosts: env().downloadHosts
	};
}

export function changeDownloadSettings({ token, allowedHosts: hosts }: DownloadSettingsChange): DownloadSettings {
	if (token !== undefined) write(keys.token, token ? seal().close(token, keys.token) : '');
	if (hosts !== undefined) write(keys.hosts, [...new Set(hosts)]);
	return downloadSettings();
}
