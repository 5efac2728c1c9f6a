import { randomUUID } from 'node:crypto';
import { and, asc, eq } from 'drizzle-orm';
import { database, presets } from '../db/index.ts';
import { AppError } from '../errors.ts';

export type Preset = typeof presets.$inferSelect;
export type PresetContent = Pick<Preset, 'name' | 'systemPrompt' | 'options'>;

const ofUser = (id: string, userId: string) => and(eq(presets.id, id), eq(presets.userId, userId));
const missing = (id: string) => new AppError('NOT_FOUND', `There is no preset "${id}"`);

/** A user's saved system prompts and options, by name. */
export const listPresets = (userId: string): Preset[] => database().select().from(presets).where(eq(presets.userId, userId)).orderBy(asc(presets.name)).all();

export const createPreset = (userId: string, content: PresetContent): Preset =>
	database().insert(presets).values({ ...content, id: randomUUID(), userId, createdAt: new Date() }).returning().get();

/** @throws AppError NOT_FOUND */
export function updatePreset(id: string, userId: string, change: Partial<PresetContent>): Preset {
	const row = Object.keys(change).length ? database().update(presets).set(change).where(ofUser(id, userId)).returning().get() : database().select().from(presets).where(ofUser(id, userId)).get();
	if (!row) throw missing(id);
	return row;
}

/** @throws AppError NOT_FOUND */
export function removePreset(id: string, userId: string): void {
	if (database().delete(presets).where(ofUser(id, userId)).run().changes === 0) throw missing(id);
}
