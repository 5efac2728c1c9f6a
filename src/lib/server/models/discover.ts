import { readFacts } from './read-facts.ts';
import { findGgufFiles, walkLimits, type WalkLimits } from './walk.ts';
import type { ModelFacts } from './identify.ts';

export type ModelFile = { path: string; sizeBytes: number; facts: ModelFacts };
export type DiscoveryEvent =
	| { type: 'progress'; /** read so far */ folders: number; files: number; filesRead: number }
	| ({ type: 'found' } & ModelFile)
	/** a GGUF file by its name that is no model, and why */
	| { type: 'skipped'; path: string; reason: string }
	| { type: 'done'; folders: number; files: number; /** a bound was reached: there may be more */ truncated: boolean };

/** Headers read at once. More would only wait for the thread pool's four threads and hold memory. */
const atOnce = 16;

/**
 * Looks for models below the paths; reads headers only. A path that isn't there yields nothing.
 * @param within when given, folders that links may not lead out of (resolved)
 * @throws the signal's reason
 */
export async function* discoverModels(paths: string[], { within, limits = walkLimits }: { within?: string[] | undefined; limits?: WalkLimits }, signal: AbortSignal): AsyncGenerator<DiscoveryEvent, void, void> {
	const { files, folders, truncated } = await findGgufFiles(paths, { within, limits }, signal);
	yield { type: 'progress', folders: folders.length, files: files.length, filesRead: 0 };
	for (let at = 0; at < files.length; at += atOnce) {
		const facts = await Promise.all(files.slice(at, at + atOnce).map((path) => readFacts(path, signal)));
		for (const one of facts) yield 'reason' in one ? { type: 'skipped', path: one.path, reason: one.reason } : { type: 'found', ...one };
		yield { type: 'progress', folders: folders.length, files: files.length, filesRead: at + facts.length };
	}
	yield { type: 'done', folders: folders.length, files: files.length, truncated };
}

/** All of a discovery at once. */
export async function findModels(paths: string[], options: Parameters<typeof discoverModels>[1], signal: AbortSignal): Promise<ModelFile[]> {
	const found: ModelFile[] = [];
	for await (const event of discoverModels(paths, options, signal)) if (event.type === 'found') found.push({ path: event.path, sizeBytes: event.sizeBytes, facts: event.facts });
	return found;
}
