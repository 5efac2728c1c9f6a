import { readFileSync } from 'node:fs';
import { freemem, totalmem } from 'node:os';
import { join } from 'node:path';

function read(path: string): string {
	try {
		return readFileSync(path, 'utf8');
	} catch {
		return '';
	}
}

const field = (text: string, name: string): number => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);

/** Bytes left below one cgroup's limit; page cache that nobody touches counts as free. Infinity: no limit here. */
function leftInGroup(folder: string, version: 1 | 2): number {
	const [limitFile, usedFile, cacheField] = version === 2 ? ['memory.max', 'memory.current', 'inactive_file'] : ['memory.limit_in_bytes', 'memory.usage_in_bytes', 'total_inactive_file'];
	const limit = Number.parseInt(read(join(folder, limitFile!)), 10);
	const used = Number.parseInt(read(join(folder, usedFile!)), 10);
	// v1 writes "no limit" as a number near 2^63, v2 as "max".
	if (!(limit < 2 ** 60) || Number.isNaN(used)) return Infinity;
	return Math.max(0, limit - used + field(read(join(folder, 'memory.stat')), cacheField!));
}

/** The cgroup folders that bind this process, from its own to the root: a limit of any of them counts. */
function groupFolders(root: string): { folder: string; version: 1 | 2 }[] {
	return read(join(root, 'proc/self/cgroup')).split('\n').flatMap((line) => {
		const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
		if (path === undefined || (controllers !== '' && !controllers!.split(',').includes('memory'))) return [];
		const version = controllers === '' ? 2 : 1;
		const base = join(root, 'sys/fs/cgroup', version === 1 ? 'memory' : '');
		const names = path.split('/').filter(Boolean);
		return Array.from({ length: names.length + 1 }, (_, depth) => ({ folder: join(base, ...names.slice(0, depth)), version }) as const);
	});
}

/**
 * Bytes that processes of this server can still take: the machine's available memory or what is left below a cgroup's limit
 * (v2 and v1, every level), whichever is less.
 * @param root folder that holds `proc` and `sys`
 */
export function freeMemory(root = '/', machineBytes: number = freemem()): number {
	return groupFolders(root).reduce((least, { folder, version }) => Math.min(least, leftInGroup(folder, version)), machineBytes);
}

/** Bytes that are left alone for everything else on the machine. */
export const memoryReserve = (totalBytes: number = totalmem()): number => Math.max(256 * 2 ** 20, totalBytes * 0.05);
