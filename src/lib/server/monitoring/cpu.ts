import { cpus } from 'node:os';
import { cgroupCpu, cgroupFolders } from '../cgroup.ts';

type Look = { busySeconds: number; allSeconds: number };

function machine(): Look {
	const times = cpus().map(({ times: { user, nice, sys, irq, idle } }) => ({ busy: user + nice + sys + irq, idle }));
	const busySeconds = times.reduce((sum, { busy }) => sum + busy, 0) / 1000;
	return { busySeconds, allSeconds: busySeconds + times.reduce((sum, { idle }) => sum + idle, 0) / 1000 };
}

/** The tightest quota that binds this process: what it grants since the machine started counting, and what of it was used. */
function quota(root: string, nowSeconds: number): Look | undefined {
	const limits = cgroupFolders('cpu', root).map(cgroupCpu).filter((limit) => limit !== undefined);
	const tightest = limits.toSorted((a, b) => a.cores - b.cores)[0];
	return tightest && tightest.cores < cpus().length ? { busySeconds: tightest.usedSeconds, allSeconds: nowSeconds * tightest.cores } : undefined;
}

/**
 * Measures CPU use between two looks, percent of what this process may have: a container's quota where there is one, else
 * the machine. From node:os, since systeminformation's currentLoad() runs a shell and waits for it.
 * @param root folder that holds `proc` and `sys`
 * @param now seconds, rising
 */
export function cpuMeter(root = '/', now: () => number = () => performance.now() / 1000): () => number {
	const look = () => quota(root, now()) ?? machine();
	let last = look();
	let percent = 0;
	return () => {
		const next = look();
		const all = next.allSeconds - last.allSeconds;
		if (all > 0) percent = Math.min(100, Math.max(0, ((next.busySeconds - last.busySeconds) / all) * 100));
		last = next;
		return percent;
	};
}
