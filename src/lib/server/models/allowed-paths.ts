import { realpath } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { AppError } from '../errors.ts';
import { isInside } from './walk.ts';

/** A path with the links of all that exists of it resolved. */
async function resolveLinks(path: string): Promise<string> {
	try {
		return await realpath(path);
	} catch {
		const parent = dirname(path);
		if (parent === path) return path;
		return resolve(await resolveLinks(parent), path.slice(parent.length).replace(/^[\\/]+/, ''));
	}
}

/** The folders that paths of callers without an administrator's rights must lie in, resolved. */
export const resolveRoots = (roots: string[]): Promise<string[]> => Promise.all(roots.map(resolveLinks));

/**
 * Refuses paths that lie outside of the roots once links are resolved, whether they exist or not.
 * @throws AppError PATH_NOT_ALLOWED that names them as they were given
 */
export async function requireInsideRoots(paths: string[], roots: string[]): Promise<void> {
	const allowed = await resolveRoots(roots);
	const real = await Promise.all(paths.map((path) => resolveLinks(resolve(path))));
	const outside = paths.filter((_, index) => !allowed.some((root) => isInside(real[index]!, root)));
	if (outside.length)
		throw new AppError('PATH_NOT_ALLOWED', 'Only paths below the models folder may be named without signing in as an administrator', {
			errors: outside.map((path) => `${path} lies outside of the models folder`)
		});
}
