import type { Readiness } from '../../contract/rest/health.ts';
import { database } from '../db/index.ts';
import { allUpstreams, builtInName, refreshUpstreams } from '../upstream/registry.ts';

type Check = Readiness['checks'][number];

type LocalModel = { status: 'running' | 'stopped' | 'loading' | 'error' };

const check = (name: string, ok: boolean, description: string): Check => ({ name, status: ok ? 'Healthy' : 'Unhealthy', description });

/** Whether the database answers. */
export function checkDatabase(): Check {
	try {
		database().$client.prepare('SELECT 1').get();
		return check('Database', true, 'Database connection is healthy');
	} catch {
		return check('Database', false, 'The database does not answer');
	}
}

function checkLmStudio(): Check {
	const upstream = allUpstreams().find((one) => one.settings.id === builtInName);
	if (upstream?.health === 'up') return check('LM Studio', true, 'LM Studio connection is healthy');
	return check('LM Studio', false, upstream?.error ?? 'LM Studio has not answered yet');
}

const servable = ({ status }: LocalModel) => status !== 'error';

function checkPool(models: LocalModel[] | undefined): Check {
	if (!models) return check('Model Pool', false, 'The model pool is not running');
	if (models.length === 0) return check('Model Pool', true, 'No local model is registered');
	const ready = models.filter(servable).length;
	return check('Model Pool', ready > 0, `${ready} of ${models.length} local models can answer`);
}

/** What `list` gives, or undefined when it can't. */
function attempt<T>(list: () => T): T | undefined {
	try {
		return list();
	} catch {
		return undefined;
	}
}

/**
 * Whether a chat would be answered. Unhealthy: the database is down, or nothing could serve; Degraded: something could, and
 * a check fails.
 * @param listLocal the registered models; throws when the pool is not running
 */
export async function readiness(listLocal: () => LocalModel[], signal: AbortSignal): Promise<Readiness> {
	await refreshUpstreams(signal);
	const models = attempt(listLocal);
	const checks = [checkDatabase(), checkLmStudio(), checkPool(models)];
	const canServe = allUpstreams().some((one) => one.settings.enabled && one.health === 'up') || (models ?? []).some(servable);
	if (checks[0]!.status === 'Unhealthy' || !canServe) return { status: 'Unhealthy', checks };
	return { status: checks.every(({ status }) => status === 'Healthy') ? 'Healthy' : 'Degraded', checks };
}
