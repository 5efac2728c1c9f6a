import type { ListedModel } from '../../contract/models.ts';
import { readConfig } from '../config/config.ts';
import { env } from '../env.ts';
import { AppError } from '../errors.ts';
import { events } from '../events.ts';
import { logger } from '../logs/logger.ts';
import type { ModelState } from '../pool/model-spec.ts';
import { Pool } from '../pool/pool.ts';
import type { PoolEvent } from '../pool/pool-event.ts';
import { singleton } from '../singleton.ts';
import { findRegistered, registeredModels, type RegisteredModel } from './registry.ts';
import { specOf } from './spec.ts';

const log = logger('model-manager');
const holder = singleton('pool', () => ({ pool: undefined as Pool | undefined }));

/** The running pool. */
export function pool(): Pool {
	if (!holder.pool) throw new Error('the pool is not open');
	return holder.pool;
}

export function openPool(): void {
	holder.pool = new Pool({ isolation: env().engineIsolation, root: env().root, maxLoaded: () => readConfig().models.maxConcurrent, onEvent: tell });
}

export async function closePool(): Promise<void> {
	await holder.pool?.close();
	holder.pool = undefined;
}

/** What happens in the pool, for the log and for everybody who shows models. */
function tell(event: PoolEvent): void {
	const changed = () => events.emit('model:changed', { name: event.model });
	switch (event.type) {
		case 'loadStarted': log.info({ model: event.model }, `Loading model ${event.model}`); return changed();
		case 'loadFinished': log.info({ model: event.model, durationMs: Math.round(event.loadMs) }, 'Model loaded successfully'); return changed();
		case 'loadFailed':
			log.error({ model: event.model, code: event.code }, `Model loading failed: ${event.message}`);
			events.emit('server:error', { message: 'Model loading failed', code: event.code, details: event.message });
			return changed();
		case 'unloaded': log.info({ model: event.model, reason: event.reason }, `Model ${event.model} unloaded`); return changed();
		case 'crashed': log.error({ model: event.model, runningRequests: event.runningRequests }, `The engine of ${event.model} ended: ${event.reason}`); return changed();
		case 'quarantined': log.error({ model: event.model }, `Model ${event.model} is set aside: ${event.reason}`); return changed();
	}
}

const listed = (model: RegisteredModel, state: ModelState | undefined): ListedModel => ({
	name: model.name,
	description: model.description,
	status: state?.phase ?? 'stopped',
	version: model.version,
	source: 'local',
	family: model.family,
	quantization: model.quantization,
	sizeBytes: model.sizeBytes,
	parameterCount: model.parameterCount,
	contextLength: model.contextLength,
	createdAt: model.createdAt,
	error: state?.error ?? null
});

/** The one list of models. */
export async function listModels(_signal: AbortSignal): Promise<ListedModel[]> {
	const states = new Map(pool().states().map((state) => [state.key, state]));
	return registeredModels().map((model) => listed(model, states.get(model.id)));
}

/** The registered model of that name. */
export async function findModel(name: string, _signal: AbortSignal): Promise<RegisteredModel | undefined> {
	return findRegistered(name);
}

function require(name: string): RegisteredModel {
	const model = findRegistered(name);
	if (!model) throw new AppError('MODEL_NOT_FOUND', `There is no model "${name}"`);
	return model;
}

/** Loads the model and returns when it can answer. @throws AppError MODEL_NOT_FOUND, MODEL_LOAD_ERROR, MODEL_DOES_NOT_FIT */
export async function loadModel(name: string, signal: AbortSignal): Promise<{ name: string; status: 'running' }> {
	await pool().load(specOf(require(name)), signal);
	return { name, status: 'running' };
}

/** Unloads the model; its running answers end first. @throws AppError MODEL_NOT_FOUND */
export async function unloadModel(name: string): Promise<{ name: string; status: 'stopped' }> {
	await pool().unload(require(name).id);
	return { name, status: 'stopped' };
}
