import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** The state of a process in one letter, as Linux and `ps` name them; undefined where it can't be told. */
async function stateOf(pid: number): Promise<string | undefined> {
	// The name stands in parentheses and may hold any letter.
	if (process.platform === 'linux') return (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ').at(-1)?.[0];
	if (process.platform === 'win32') return undefined;
	return (await promisify(execFile)('ps', ['-o', 'state=', '-p', String(pid)])).stdout.trim()[0];
}

/** Whether a process was stopped from outside (SIGSTOP): it will not move by itself, which a busy or starved one will. */
export const isFrozen = async (pid: number): Promise<boolean> => {
	const state = await stateOf(pid).catch(() => undefined);
	return state === 'T' || state === 't';
};
