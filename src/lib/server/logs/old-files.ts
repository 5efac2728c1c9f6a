import { rm, stat } from 'node:fs/promises';
import { logFile } from './files.ts';

/** Removes log files that were put aside and hold nothing younger than `before`; the current one stays. */
export async function removeOldLogFiles(folder: string, before: Date, signal: AbortSignal): Promise<void> {
	for (let age = 1; !signal.aborted; age++) {
		const path = logFile(folder, age);
		const found = await stat(path).catch(() => undefined);
		if (!found) return;
		if (found.mtime < before) await rm(path, { force: true });
	}
}
