import { randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { eq } from 'drizzle-orm';
import { database, models } from '../db/index.ts';
import { AppError, isAbort } from '../errors.ts';
import { events } from '../events.ts';
import { precheck } from '../pool/engine/precheck.ts';
import { identifyModel, type ModelFacts } from './identify.ts';

export type RegisteredModel = typeof models.$inferSelect;
export type Registration = { name: string; description?: string | undefined; path: string };

export const registeredModels = (): RegisteredModel[] => database().select().from(models).orderBy(models.name).all();
export const findRegistered = (name: string): RegisteredModel | undefined => database().select().from(models).where(eq(models.name, name)).get();

type Checked = { path: string; sizeBytes: number; facts: ModelFacts };

/** Reads a file's header and judges it. @throws AppError whose message names the item and what is wrong with its file */
async function check(item: Registration, signal: AbortSignal): Promise<Checked> {
	const path = resolve(item.path);
	try {
		const { size } = await stat(path);
		return { path, sizeBytes: size, facts: identifyModel(path, await precheck(path, signal)) };
	} catch (thrown) {
		if (isAbort(thrown)) throw thrown;
		const code = (thrown as NodeJS.ErrnoException).code;
		const why = thrown instanceof AppError ? thrown.message : code === 'ENOENT' ? `There is no file ${item.path}` : `The file ${item.path} can't be read${code ? ` (${code})` : ''}`;
		throw new AppError('VALIDATION_ERROR', `${item.name}: ${why}`);
	}
}

/**
 * Registers models by name, all or none; a name that is there is updated.
 * @returns rows written
 * @throws AppError VALIDATION_ERROR with one sentence per bad item
 */
export async function registerModels(items: Registration[], signal: AbortSignal): Promise<number> {
	const errors: string[] = [];
	const rows: (Checked & Registration)[] = [];
	for (const item of items) {
		try {
			rows.push({ ...item, ...(await check(item, signal)) });
		} catch (thrown) {
			if (!(thrown instanceof AppError)) throw thrown;
			errors.push(thrown.message);
		}
	}
	const twice = items.map((item) => item.name).find((name, index, names) => names.indexOf(name) !== index);
	if (twice) errors.push(`The name "${twice}" stands twice in the request`);
	if (errors.length) throw new AppError('VALIDATION_ERROR', 'The request was invalid', { errors });
	const now = new Date();
	database().transaction((tx) => {
		for (const { name, description, path, sizeBytes, facts } of rows) {
			const values = { ...facts, name, path, sizeBytes, description: description ?? facts.description, missing: false, updatedAt: now };
			tx.insert(models).values({ id: randomUUID(), createdAt: now, ...values }).onConflictDoUpdate({ target: models.name, set: values }).run();
		}
	});
	events.emit('models:changed', {});
	return rows.length;
}
