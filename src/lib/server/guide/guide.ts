/**
 * The guide: the small model that comes with the program and knows it, so that a first start has something that answers. It is
 * registered once. Whoever removes it has removed it; it comes back only when it is asked for.
 */
import { existsSync } from 'node:fs';
import { eq, sql } from 'drizzle-orm';
import { database, models, settings } from '../db/index.ts';
import { env } from '../env.ts';
import { AppError } from '../errors.ts';
import { logger } from '../logs/logger.ts';
import { builtInModelPath } from '../models/built-in.ts';
import { otherOfName, registerModels, type RegisteredModel } from '../models/registry.ts';
import type { ParameterName } from '../parameters/catalogue.ts';
import { setParameter } from '../parameters/parameters.ts';

const log = logger('model-manager');

export const guideName = 'guide';
/** It was offered, and which row it became. Not the name: people may give it another. */
const settingKey = 'guide.modelId';

/** It knows its answers by heart: chance and penalties for saying a word twice could only spoil them. */
const ownParameters: Partial<Record<ParameterName, number>> = { temperature: 0, repeatPenalty: 1, presencePenalty: 0, frequencyPenalty: 0 };

const description = 'A tiny model that comes with Llama Runner and knows only this program, in English and French.';

const offeredAs = (): string | undefined => database().select().from(settings).where(eq(settings.key, settingKey)).get()?.value as string | undefined;
const rowOf = (id: string): RegisteredModel | undefined => database().select().from(models).where(eq(models.id, id)).get();

/** Its row in the registry; undefined when it was removed, or never offered. */
export function registeredGuide(): RegisteredModel | undefined {
	const id = offeredAs();
	return id === undefined ? undefined : rowOf(id);
}

async function register(signal: AbortSignal): Promise<RegisteredModel> {
	await registerModels([{ name: guideName, description, path: builtInModelPath() }], signal);
	const model = database().select().from(models).where(eq(models.name, guideName)).get()!;
	for (const [name, value] of Object.entries(ownParameters)) setParameter(name as ParameterName, value, model.id);
	const row = { value: sql`${JSON.stringify(model.id)}`, updatedAt: new Date() };
	database().insert(settings).values({ key: settingKey, ...row }).onConflictDoUpdate({ target: settings.key, set: row }).run();
	return model;
}

/** Registers the guide on the first start, and follows the program's folder where that was moved. */
export async function openGuide(): Promise<void> {
	const path = builtInModelPath();
	if (!env().guide || !existsSync(path)) return;
	const model = registeredGuide();
	if (model) {
		if (model.path !== path) database().update(models).set({ path, missing: false, updatedAt: new Date() }).where(eq(models.id, model.id)).run();
		return;
	}
	if (offeredAs() !== undefined || otherOfName(guideName)) return;
	try {
		await register(AbortSignal.timeout(10_000));
		log.info(`The built-in model "${guideName}" is registered: it answers questions about this program`);
	} catch (error) {
		log.warn({ err: (error as Error).message }, 'The built-in guide could not be registered; everything else works without it');
	}
}

/**
 * Brings the guide back after it was removed.
 * @throws AppError CONFLICT when another model has its name, NOT_FOUND when this copy of the program came without it
 */
export async function restoreGuide(signal: AbortSignal): Promise<RegisteredModel> {
	const present = registeredGuide();
	if (present) return present;
	if (!existsSync(builtInModelPath())) throw new AppError('NOT_FOUND', 'This copy of the program came without the guide', { details: 'Its file src/lib/server/guide/guide.gguf is missing' });
	const other = otherOfName(guideName);
	if (other) throw new AppError('CONFLICT', `The model "${other.name}" has the name "${guideName}"; rename it first`);
	return register(signal);
}

/** Whether it stands in the list, and whether it could. */
export const guideState = (): { name: string | null; restorable: boolean } => {
	const name = registeredGuide()?.name ?? null;
	return { name, restorable: name === null && existsSync(builtInModelPath()) };
};
