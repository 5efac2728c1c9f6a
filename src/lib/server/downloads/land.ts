import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { precheck } from '../pool/engine/precheck.ts';
import { AppError } from '../errors.ts';

const exists = async (path: string): Promise<boolean> => stat(path).then(() => true, () => false);

async function syncFolder(folder: string): Promise<void> {
	const handle = await open(folder, 'r').catch(() => undefined); // Windows has no such thing
	await handle?.sync().catch(() => undefined);
	await handle?.close();
}

/**
 * Puts a model's files, all of them whole and checked, from the staging folder into the models folder: each at once under its name,
 * the first part last, so that nobody finds a model of which a part is missing. Done before by a process that was ended: nothing to do.
 * @param staged the files in their order, within the staging folder; `.part` is cut off
 * @returns the path of the first part
 * @throws AppError VALIDATION_ERROR when it is no model that can be loaded; CONFLICT when another file lies there
 */
export async function landModel(staged: string[], names: string[], folder: string, signal: AbortSignal): Promise<string> {
	const targets = names.map((name) => join(folder, name));
	const ready = staged.map((path) => path.replace(/\.part$/, ''));
	for (const [i, path] of staged.entries()) if (await exists(path)) await rename(path, ready[i]!);
	const isLanded = await Promise.all(ready.map(async (path, i) => !(await exists(path)) && (await exists(targets[i]!))));
	if (!isLanded.includes(true)) {
		try {
			await precheck(ready[0]!, signal);
		} catch (thrown) {
			signal.throwIfAborted();
			throw thrown instanceof AppError ? new AppError('MODEL_LOAD_ERROR', `It came whole but is no model that can be loaded. ${thrown.message}`, { cause: thrown }) : thrown;
		}
	}
	await mkdir(folder, { recursive: true });
	for (let i = targets.length - 1; i >= 0; i--) {
		if (isLanded[i]) continue;
		if (await exists(targets[i]!)) throw new AppError('CONFLICT', `A file named ${names[i]} lies in the models folder already. Remove it, then resume.`);
		await rename(ready[i]!, targets[i]!);
	}
	await syncFolder(folder);
	await rm(dirname(ready[0]!), { recursive: true, force: true });
	return targets[0]!;
}
