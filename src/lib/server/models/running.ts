import { eq } from 'drizzle-orm';
import { readConfig } from '../config/config.ts';
import { database, models } from '../db/index.ts';
import { env } from '../env.ts';
import { events } from '../events.ts';
import { logger } from '../logs/logger.ts';
import { parametersFor } from '../parameters/values.ts';
import { freeMemory, memoryReserve } from '../pool/free-memory.ts';
import { Pool } from '../pool/pool.ts';
import type { PoolEvent } from '../pool/pool-event.ts';
import { singleton } from '../singleton.ts';
import { registeredModels } from './registry.ts';
import { specOf } from './spec.ts';

const log = logger('model-manager');
const holder = singleton('pool', () => ({ pool: undefined as Pool | undefined, stop: [] as (() => void)[] }));

/** The running pool. */
export function pool(): Pool {
	if (!holder.pool) throw new Error('the pool is not open');
	return holder.pool;
}

/** Bytes that models may still take, by what the machine has free and the parameter that keeps some of it back. */
export function bytesForModels(): number {
	const { memoryReserve: reserveMib } = parametersFor('');
	return freeMemory() - (reserveMib === null ? memoryReserve() : reserveMib * 2 ** 20);
}

/** Bytes that a model could have if all others were unloaded. */
export const reachableBytes = (): number => bytesForModels() + pool().states().reduce((sum, { rssBytes }) => sum + rssBytes, 0);

export function openPool(): void {
	holder.pool = new Pool({ isolation: env().engineIsolation, root: env().root, maxLoaded: () => readConfig().models.maxConcurrent, freeBytes: bytesForModels, onEvent: tell });
	applySettings();
	holder.stop = [events.on('parameters:changed', applySettings), events.on('config:changed', applySettings), events.on('models:changed', applySettings)];
}

export async function closePool(): Promise<void> {
	for (const stop of holder.stop.splice(0)) stop();
	await holder.pool?.close();
	holder.pool = undefined;
}

/** Changed settings reach models that are loaded now: the pool opens those anew whose options differ, when they are idle. */
function applySettings(): void {
	const { queueLimit, queueLimitPerUser } = parametersFor('');
	pool().limitQueues({ total: queueLimit, perUser: queueLimitPerUser });
	const known = new Set(pool().states().map((state) => state.key));
	for (const model of registeredModels()) if (known.has(model.id)) pool().respec(specOf(model));
	pool().rearrange();
}

/** How exactly the last use is kept: a database write for each answer would buy nothing. */
const lastUsedStepMs = 60_000;
const notedAt = new Map<string, number>();

function noteUse(key: string): void {
	const now = new Date();
	if (now.getTime() - (notedAt.get(key) ?? 0) < lastUsedStepMs) return;
	notedAt.set(key, now.getTime());
	database().update(models).set({ lastUsedAt: now }).where(eq(models.id, key)).run();
}

/** What happens in the pool, for the log and for everybody who shows models. */
function tell(event: PoolEvent): void {
	const changed = () => events.emit('model:changed', { name: event.model });
	events.emit('pool:event', event);
	switch (event.type) {
		case 'loadStarted': log.info({ model: event.model }, `Loading model ${event.model}`); return changed();
		case 'loadFinished': log.info({ model: event.model, durationMs: Math.round(event.loadMs) }, 'Model loaded successfully'); return changed();
		case 'loadCancelled': return changed();
		case 'loadFailed':
			log.error({ model: event.model, code: event.code }, `Model loading failed: ${event.message}`);
			events.emit('server:error', { message: 'Model loading failed', code: event.code, details: event.message });
			return changed();
		case 'unloaded': log.info({ model: event.model, reason: event.reason }, `Model ${event.model} unloaded`); return changed();
		case 'crashed':
			log.error({ model: event.model, runningRequests: event.runningRequests }, `The engine of ${event.model} ended: ${event.reason}`);
			events.emit('server:error', { message: `The engine of ${event.model} ended`, code: 'ENGINE_CRASHED', details: event.reason });
			return changed();
		case 'quarantined': log.error({ model: event.model }, `Model ${event.model} is set aside: ${event.reason}`); return changed();
		case 'finished': return noteUse(event.key);
	}
}
