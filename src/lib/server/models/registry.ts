import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { eq, sql } from 'drizzle-orm';
import { database, models } from '../db/index.ts';
import { prepared } from '../db/prepared.ts';
import { remembered } from '../db/remembered.ts';
import { AppError } from '../errors.ts';
import { events } from '../events.ts';
import { checkModelFile, type CheckedFile } from './check-file.ts';

export type RegisteredModel = typeof models.$inferSelect;
export type Registration = { name: string; description?: string | undefined; path: string };

export const registeredModels = (): RegisteredModel[] => database().select().from(models).orderBy(models.name).all();
const nameAsked = sql.placeholder('name');
const statementByName = prepared((db) => db.select().from(models).where(eq(models.name, nameAsked)).prepare());
const byName = (name: string): RegisteredModel | undefined => statementByName().get({ name });

const statementByAnyName = prepared((db) =>
	db.select().from(models)
		.where(sql`lower(${models.name}) = lower(${nameAsked}) or exists (select 1 from json_each(${models.aliases}) where lower(value) = lower(${nameAsked}))`)
		.orderBy(sql`lower(${models.name}) <> lower(${nameAsked})`, models.name).prepare()
);
/** Models whose name or one of whose aliases is this, whatever the case; a name before an alias. */
const byAnyName = (name: string): RegisteredModel[] => statementByAnyName().all({ name });

/** The model that a client means: by its name, else by an alias, whatever the case, with or without Ollama's `:latest`. */
export const findRegistered: (name: string) => RegisteredModel | undefined = remembered(
	(name) => byName(name) ?? byAnyName(name)[0] ?? (name.endsWith(':latest') ? findRegistered(name.slice(0, -':latest'.length)) : undefined)
);

/** Whether a name means one of the registered models, as {@link findRegistered}: one reading for many questions. */
export function registeredNames(): (name: string) => boolean {
	const names = new Set(registeredModels().flatMap((model) => [model.name, ...model.aliases].map((name) => name.toLowerCase())));
	return (name) => names.has(name.toLowerCase()) || (name.endsWith(':latest') && names.has(name.slice(0, -':latest'.length).toLowerCase()));
}

/** As {@link findRegistered}. @throws AppError MODEL_NOT_FOUND */
export function requireRegistered(name: string): RegisteredModel {
	const model = findRegistered(name);
	if (!model) throw new AppError('MODEL_NOT_FOUND', `There is no registered model "${name}"`, { details: 'GET /api/models lists the models there are' });
	return model;
}

/** Who else goes by this name, as its name or an alias. */
export const otherOfName = (name: string, exceptId?: string): RegisteredModel | undefined => byAnyName(name).find((model) => model.id !== exceptId);

/** Why a name can't be given to a registration; undefined when it can. Its own name is no obstacle: that is an update. */
function nameClash(name: string): string | undefined {
	const other = byName(name) ? undefined : otherOfName(name);
	return other?.aliases.some((alias) => alias.toLowerCase() === name.toLowerCase()) ? `${name}: the model "${other.name}" has this name as an alias` : undefined;
}

/**
 * Registers models by name, all or none; a name that is there is updated.
 * @returns rows written
 * @throws AppError VALIDATION_ERROR with one sentence per bad item
 */
export async function registerModels(items: Registration[], signal: AbortSignal): Promise<number> {
	const errors: string[] = [];
	const rows: (CheckedFile & Registration)[] = [];
	const names = new Set<string>();
	for (const item of items) {
		try {
			const clash = names.has(item.name) ? `${item.name}: the name stands twice in the request` : nameClash(item.name);
			if (clash) throw new AppError('VALIDATION_ERROR', clash);
			names.add(item.name);
			rows.push({ ...item, ...(await checkModelFile(item.name, item.path, signal)) });
		} catch (thrown) {
			if (!(thrown instanceof AppError)) throw thrown;
			errors.push(thrown.message);
		}
	}
	if (errors.length) throw new AppError('VALIDATION_ERROR', 'The request was invalid', { errors });
	const now = new Date();
	database().transaction((tx) => {
		for (const { name, description, path, sizeBytes, facts } of rows) {
			const values = { ...facts, name, path: resolve(path), sizeBytes, description: description ?? facts.description, missing: false, updatedAt: now };
			tx.insert(models).values({ id: randomUUID(), createdAt: now, ...values }).onConflictDoUpdate({ target: models.name, set: values }).run();
		}
	});
	events.emit('models:changed', {});
	return rows.length;
}
