import { execFileSync } from 'node:child_process';

/** The engine processes of a server whose model file has this name: their titles say it. For systems with `ps`. */
export function enginePids(serverPid: number, fileName: string): number[] {
	const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
	return rows.flatMap((row) => {
		const [, pid, parent, args] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(row) ?? [];
		return Number(parent) === serverPid && args!.startsWith('llama-runner engine') && args!.endsWith(fileName) ? [Number(pid)] : [];
	});
}

/** Resident bytes of a process; 0 when it is gone. */
export function residentBytes(pid: number): number {
	try {
		return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) * 1024;
	} catch {
		return 0;
	}
}
