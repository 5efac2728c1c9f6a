import { eq } from 'drizzle-orm';
import { readConfig, writeConfig } from '../config/config.ts';
import { database, models, parameterValues } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { events } from '../events.ts';
import { announceValues } from '../parameters/values.ts';
import { singleton } from '../singleton.ts';
import { forgetModelStates } from './kept-states.ts';
import { otherOfName, requireRegistered, type RegisteredModel } from './registry.ts';
import { pool } from './running.ts';

/** Milliseconds a removal can be taken back. */
const undoMs = 10 * 60_000;

type Removed = { model: RegisteredModel; values: (typeof parameterValues.$inferSelect)[]; wasDefault: boolean };
/** By name. In memory: it is for who has just clicked, and an entry holds a path that the server alone may know. */
const removed = singleton('removed-models', () => new Map<string, Removed>());

/** Takes a model from the registry, with its own parameters; its file stays. Its answers are cancelled. @throws AppError MODEL_NOT_FOUND */
export async function removeModel(name: string): Promise<void> {
	const model = requireRegistered(name);
	const wasDefault = readConfig().models.defaultModel === model.name;
	const values = database().transaction((tx) => {
		tx.delete(models).where(eq(models.id, model.id)).run();
		return tx.delete(parameterValues).where(eq(parameterValues.modelId, model.id)).returning().all();
	});
	const entry = { model, values, wasDefault };
	removed.set(model.name, entry);
	setTimeout(() => removed.get(model.name) === entry && removed.delete(model.name), undoMs).unref();
	announce(entry);
	if (wasDefault) writeConfig({ defaultModel: null });
	await pool().remove(model.id);
	await forgetModelStates(model.id);
}

/**
 * Takes back a removal: the model as it was, with its own parameters, and as the default model where there is no other meanwhile.
 * @throws AppError NOT_FOUND when it was removed too long ago, CONFLICT when another model has its name or an alias now
 */
export function restoreModel(name: string): RegisteredModel {
	const entry = removed.get(name);
	if (!entry) throw new AppError('NOT_FOUND', `The model "${name}" was not removed in the last ${undoMs / 60_000} minutes; register its file again`);
	const { model, values, wasDefault } = entry;
	for (const one of [model.name, ...model.aliases]) {
		const other = otherOfName(one);
		if (other) throw new AppError('CONFLICT', `The model "${other.name}" has the name "${one}" now; rename it first`);
	}
	database().transaction((tx) => {
		tx.insert(models).values(model).run();
		if (values.length) tx.insert(parameterValues).values(values).run();
	});
	removed.delete(name);
	announce(entry);
	if (wasDefault && readConfig().models.defaultModel === null) writeConfig({ defaultModel: model.name });
	return model;
}

function announce({ model, values }: Removed): void {
	if (values.length) announceValues(values.map((row) => row.name), model.id);
	events.emit('models:changed', {});
}
