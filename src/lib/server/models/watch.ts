import { watch, type FSWatcher } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { eq } from 'drizzle-orm';
import { database, models } from '../db/index.ts';
import { env } from '../env.ts';
import { events } from '../events.ts';
import { logger } from '../logs/logger.ts';
import { singleton } from '../singleton.ts';
import { readFacts } from './read-facts.ts';
import { registeredModels, type RegisteredModel } from './registry.ts';
import { findGgufFiles } from './walk.ts';

const log = logger('model-manager');
/** Folders that are watched; what lies beyond, on network drives, or outside of the roots is noticed by looking. */
const mostWatched = 2000;
const usual = {
	/** after a change before it is looked at: a copy causes hundreds */
	settleMs: 500,
	/** between two looks that nothing has caused */
	pollMs: 30_000
};

/** What the registry should say of a model's file; undefined when it says so already. */
async function correctionOf(model: RegisteredModel, signal: AbortSignal): Promise<Partial<RegisteredModel> | undefined> {
	const found = await readFacts(model.path, signal);
	const missing = 'reason' in found && found.gone === true;
	if ('reason' in found || found.sizeBytes === model.sizeBytes) return missing === model.missing ? undefined : { missing };
	// Another file in its place: all that is told by the file, but not what people wrote.
	const { name: _name, description: _description, ...facts } = found.facts;
	return { ...facts, sizeBytes: found.sizeBytes, missing };
}

/** Brings the registry up to what is on the disk. @returns whether anything was wrong */
async function correctRegistry(signal: AbortSignal): Promise<boolean> {
	let changed = false;
	for (const model of registeredModels()) {
		const correction = await correctionOf(model, signal);
		if (!correction) continue;
		database().update(models).set({ ...correction, updatedAt: new Date() }).where(eq(models.id, model.id)).run();
		if (correction.missing !== model.missing) log[correction.missing ? 'warn' : 'info']({ model: model.name }, `The file of ${model.name} is ${correction.missing ? 'gone' : 'back'}`);
		changed = true;
	}
	return changed;
}

/**
 * Keeps an eye on model folders: a registered file that goes is marked `missing`, one that comes back or was replaced is
 * read anew, and everybody who shows models hears of files that came. Returns the function that ends it.
 */
export function watchModels(roots: string[], { settleMs, pollMs } = usual): () => Promise<void> {
	const watchers = new Map<string, FSWatcher>();
	/** folders in which something came or went; it may have been the folder itself, and another is in its place */
	const stirred = new Set<string>();
	const stop = new AbortController();
	let timer: NodeJS.Timeout | undefined;
	let dueAt = Infinity;
	let known: string[] | undefined;
	let pauseMs = settleMs;
	let round = Promise.resolve();

	const lookIn = (ms: number): void => {
		if (stop.signal.aborted || performance.now() + ms >= dueAt) return;
		clearTimeout(timer);
		dueAt = performance.now() + ms;
		timer = setTimeout(() => (round = round.then(look)), ms).unref();
	};
	const look = async (): Promise<void> => {
		dueAt = Infinity;
		const begunAt = performance.now();
		try {
			const { files, folders } = await findGgufFiles(roots, {}, stop.signal);
			const begun = watchFolders(folders);
			const corrected = await correctRegistry(stop.signal);
			const moved = known !== undefined && !isDeepStrictEqual(files, known);
			known = files;
			if (corrected || moved) events.emit('models:changed', {});
			// Between the look at a folder and the watch on it something may have come.
			if (begun) lookIn(settleMs);
			// Where a look takes long, a copy that goes on must not keep us looking all the time.
			pauseMs = Math.max(settleMs, 10 * (performance.now() - begunAt));
		} catch (error) {
			if (!stop.signal.aborted) log.error({ err: (error as Error).message }, 'The model folders could not be looked at');
		}
		lookIn(pollMs);
	};
	const forget = (folder: string): void => {
		watchers.get(folder)?.close();
		watchers.delete(folder);
	};
	/** Watches these and no others. @returns whether a watch was begun */
	const watchFolders = (folders: string[]): boolean => {
		const current = new Set(folders.slice(0, mostWatched));
		for (const folder of watchers.keys()) if (!current.has(folder) || stirred.has(folder)) forget(folder);
		stirred.clear();
		let begun = false;
		for (const folder of current) {
			if (watchers.has(folder)) continue;
			const noteEvent = (event: string): void => {
				if (event === 'rename') stirred.add(folder);
				lookIn(pauseMs);
			};
			try {
				watchers.set(folder, watch(folder, { persistent: false }, noteEvent).on('error', () => forget(folder)));
				begun = true;
			} catch {
				break; // no more watches to be had from the system: looking now and then has to do
			}
		}
		return begun;
	};

	round = look();
	return async () => {
		stop.abort();
		clearTimeout(timer);
		await round;
		for (const folder of [...watchers.keys()]) forget(folder);
	};
}

const holder = singleton('model-watch', () => ({ stop: undefined as (() => Promise<void>) | undefined }));

/** Watches the roots of MODELS_DIR. */
export function openModelWatch(): void {
	holder.stop = watchModels(env().modelRoots);
}

export async function closeModelWatch(): Promise<void> {
	await holder.stop?.();
	holder.stop = undefined;
}
