import { freemem, totalmem } from 'node:os';
import { cgroupFolders, cgroupMemory, type CgroupFolder } from '../cgroup.ts';

/** Bytes left below one group's limit. Infinity: no limit here. */
function leftInGroup(group: CgroupFolder): number {
	const memory = cgroupMemory(group);
	return memory ? Math.max(0, memory.limitBytes - memory.usedBytes) : Infinity;
}

/**
 * Bytes that processes of this server can still take: the machine's available memory or what is left below a cgroup's limit
 * (v2 and v1, every level), whichever is less.
 * @param root folder that holds `proc` and `sys`
 */
export function freeMemory(root = '/', machineBytes: number = freemem()): number {
	return cgroupFolders('memory', root).reduce((least, group) => Math.min(least, leftInGroup(group)), machineBytes);
}

/** Bytes that are left alone for everything else on the machine. */
export const memoryReserve = (totalBytes: number = totalmem()): number => Math.max(256 * 2 ** 20, totalBytes * 0.05);
