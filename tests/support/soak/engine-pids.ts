import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The engine processes of a server whose model file has this name: their titles say it. For systems with `ps`. */
export function enginePids(serverPid: number, fileName: string): number[] {
	const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
	return rows.flatMap((row) => {
		const [, pid, parent, args] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(row) ?? [];
		return Number(parent) === serverPid && args!.startsWith('llama-runner engine') && args!.endsWith(fileName) ? [Number(pid)] : [];
	});
}

/** Resident bytes of a process; 0 when it is gone. Starting `ps` twenty times a second would starve what is looked at. */
export function residentBytes(pid: number): number {
	try {
		if (process.platform === 'linux') return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
		return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) * 1024;
	} catch {
		return 0;
	}
}
