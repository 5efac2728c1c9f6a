import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, resolve, sep } from 'node:path';
import { stagingFolder } from '../../contract/downloads.ts';
import { isAbort } from '../errors.ts';

export type WalkLimits = {
	/** folders below a given one */
	depth: number;
	folders: number;
	files: number;
};
export type WalkResult = {
	/** GGUF files by their name, each file once whatever links lead to it */
	files: string[];
	/** the folders that were read, links resolved */
	folders: string[];
	/** a limit was reached: there may be more */
	truncated: boolean;
};

export const walkLimits: WalkLimits = { depth: 24, folders: 50_000, files: 100_000 };
/** folders read at once; the file system's thread pool has four threads */
const atOnce = 8;
/** Never model folders, and without end. */
const passedOver = new Set(['/proc', '/sys', '/dev']);

/** Whether a resolved path is a folder or lies in it. */
export const isInside = (path: string, folder: string): boolean => path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);

type Folder = { path: string; real: string; depth: number };

/**
 * Looks for GGUF files below the paths, following links but no link twice. What can't be read, or isn't there, is passed over.
 * @param within when given, folders that links may not lead out of (resolved)
 * @throws the signal's reason
 */
export async function findGgufFiles(
	paths: string[],
	{ within, limits = walkLimits }: { within?: string[] | undefined; limits?: WalkLimits },
	signal: AbortSignal
): Promise<WalkResult> {
	/** resolved path → the path it is shown by */
	const files = new Map<string, string>();
	const seen = new Set<string>();
	const waiting: Folder[] = [];
	let truncated = false;

	const isAllowed = (real: string): boolean => !within || within.some((folder) => isInside(real, folder));
	const takeFile = (path: string, real: string): void => {
		if (files.size >= limits.files && !files.has(real)) truncated = true;
		// The file itself is a better name for it than a link to it.
		else if (path === real || !files.has(real)) files.set(real, path);
	};
	const takeFolder = (folder: Folder): void => {
		if (seen.has(folder.real) || passedOver.has(folder.real) || basename(folder.real) === stagingFolder) return;
		if (seen.size >= limits.folders || folder.depth > limits.depth) return void (truncated = true);
		seen.add(folder.real);
		waiting.push(folder);
	};
	/** A path that was given, or a link: what it leads to decides. */
	const takeAny = async (path: string, depth: number): Promise<void> => {
		const real = await realpath(path);
		if (!isAllowed(real)) return;
		const facts = await stat(real);
		if (facts.isDirectory()) takeFolder({ path, real, depth });
		else if (facts.isFile() && /\.gguf$/i.test(path)) takeFile(path, real);
	};
	const orPassOver = (thrown: unknown): void => {
		if (isAbort(thrown) || (thrown as NodeJS.ErrnoException).code === undefined) throw thrown;
	};
	const read = async (folder: Folder) => {
		signal.throwIfAborted();
		return readdir(folder.real, { withFileTypes: true });
	};
	const take = async (folder: Folder, entries: Dirent[]): Promise<void> => {
		// What is there itself comes before links to it.
		for (const entry of entries.sort((a, b) => Number(a.isSymbolicLink()) - Number(b.isSymbolicLink()) || (a.name < b.name ? -1 : 1))) {
			const [path, real] = [join(folder.path, entry.name), join(folder.real, entry.name)];
			if (entry.isSymbolicLink()) await takeAny(path, folder.depth + 1).catch(orPassOver);
			else if (entry.isDirectory()) takeFolder({ path, real, depth: folder.depth + 1 });
			else if (entry.isFile() && /\.gguf$/i.test(entry.name)) takeFile(path, real);
		}
	};

	for (const path of paths) await takeAny(resolve(path), 0).catch(orPassOver);
	while (waiting.length) {
		const batch = waiting.splice(0, atOnce);
		// Read at the same time, taken in their order: which files a bound leaves out must not hang on the disk's haste.
		const found = await Promise.all(batch.map((folder) => read(folder).catch(orPassOver)));
		for (const [place, folder] of batch.entries()) await take(folder, found[place] ?? []);
	}
	return { files: [...files.values()].sort(), folders: [...seen], truncated };
}
