import { mem } from 'systeminformation';
import type { MachineSample } from '../../contract/monitoring.ts';
import { cgroupFolders, cgroupMemory } from '../cgroup.ts';
import { cpuMeter } from './cpu.ts';
import { measureDisks } from './disks.ts';
import { gpuMeter } from './gpus.ts';

/** Memory in use: of the smallest limit that a container sets, else of the machine, where a cache that can be given back is not in use. */
async function measureMemory(root: string): Promise<MachineSample['memory']> {
	const { total, available } = await mem();
	const limits = cgroupFolders('memory', root).map(cgroupMemory).filter((limit) => limit !== undefined);
	const tightest = limits.toSorted((a, b) => a.limitBytes - b.limitBytes)[0];
	if (tightest && tightest.limitBytes < total) return { usedBytes: Math.min(tightest.usedBytes, tightest.limitBytes), totalBytes: tightest.limitBytes };
	return { usedBytes: total - available, totalBytes: total };
}

/**
 * A meter of the machine: each call tells of the time since the last one. It starts no process but the GPU driver's own
 * tool, and takes under a millisecond of CPU.
 * @param folders whose file systems are watched
 */
export function machineMeter(folders: { name: string; path: string }[], root = '/'): () => Promise<MachineSample> {
	const cpu = cpuMeter(root);
	const gpus = gpuMeter({ root });
	return async () => ({ cpu: cpu(), memory: await measureMemory(root), gpus: gpus(), disks: await measureDisks(folders) });
}
