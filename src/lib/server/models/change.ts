import { eq } from 'drizzle-orm';
import { readConfig, writeConfig } from '../config/config.ts';
import { database, models } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { events } from '../events.ts';
import { otherOfName, requireRegistered, type RegisteredModel } from './registry.ts';

const invalid = (sentence: string) => new AppError('VALIDATION_ERROR', 'The request was invalid', { errors: [sentence] });

function write(model: RegisteredModel, values: Partial<RegisteredModel>): RegisteredModel {
	const row = database().update(models).set({ ...values, updatedAt: new Date() }).where(eq(models.id, model.id)).returning().get();
	events.emit('models:changed', {});
	return row;
}

/** Gives a model another name; where it is the default model, it stays that. @throws AppError MODEL_NOT_FOUND, CONFLICT */
export function renameModel(name: string, newName: string): RegisteredModel {
	const model = requireRegistered(name);
	if (newName === model.name) return model;
	const other = otherOfName(newName, model.id);
	if (other) throw new AppError('CONFLICT', `The model "${other.name}" has the name "${newName}" already`);
	const isDefault = readConfig().models.defaultModel === model.name;
	// Its own alias may become its name.
	const renamed = write(model, { name: newName, aliases: model.aliases.filter((alias) => alias.toLowerCase() !== newName.toLowerCase()) });
	if (isDefault) writeConfig({ defaultModel: newName });
	return renamed;
}

/** @throws AppError MODEL_NOT_FOUND, VALIDATION_ERROR when another model has one of the aliases */
export function updateModel(name: string, { description, aliases }: { description?: string | undefined; aliases?: string[] | undefined }): RegisteredModel {
	const model = requireRegistered(name);
	const wanted = aliases && [...new Map(aliases.map((alias) => [alias.toLowerCase(), alias])).values()];
	for (const alias of wanted ?? []) {
		if (alias.toLowerCase() === model.name.toLowerCase()) throw invalid(`aliases: "${alias}" is the model's name`);
		const other = otherOfName(alias, model.id);
		if (other) throw invalid(`aliases: the model "${other.name}" has the name "${alias}" already`);
	}
	return write(model, { ...(description === undefined ? {} : { description }), ...(wanted ? { aliases: wanted } : {}) });
}

/** A pinned model is never unloaded to make room, nor for idleness. @throws AppError MODEL_NOT_FOUND */
export const pinModel = (name: string, pinned: boolean): RegisteredModel => write(requireRegistered(name), { pinned });
