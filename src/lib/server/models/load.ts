import { requireRegistered } from './registry.ts';
import { pool } from './running.ts';
import { specOf } from './spec.ts';

/** Loads the model and returns when it can answer. @throws AppError MODEL_NOT_FOUND, MODEL_LOAD_ERROR, MODEL_DOES_NOT_FIT */
export async function loadModel(name: string, signal: AbortSignal): Promise<{ name: string; status: 'running' }> {
	const model = requireRegistered(name);
	await pool().load(specOf(model), signal);
	return { name: model.name, status: 'running' };
}

/** Unloads the model; its running answers end first, or are cancelled with `force`. @throws AppError MODEL_NOT_FOUND */
export async function unloadModel(name: string, { force = false } = {}): Promise<{ name: string; status: 'stopped' }> {
	const model = requireRegistered(name);
	await pool().unload(model.id, { force });
	return { name: model.name, status: 'stopped' };
}
