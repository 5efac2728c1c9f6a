import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A folder of the cgroup file system that binds this process. */
export type CgroupFolder = { folder: string; version: 1 | 2 };

function read(path: string): string {
	try {
		return readFileSync(path, 'utf8');
	} catch {
		return '';
	}
}

const numberIn = (path: string): number => Number.parseInt(read(path), 10);
const field = (text: string, name: string): number | undefined => {
	const found = new RegExp(`^${name} (\\d+)$`, 'm').exec(text);
	return found ? Number(found[1]) : undefined;
};

/** The groups that bind this process, from the root to its own: a limit of any of them counts. */
export function cgroupFolders(controller: 'memory' | 'cpu', root = '/'): CgroupFolder[] {
	return read(join(root, 'proc/self/cgroup')).split('\n').flatMap((line) => {
		const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
		if (path === undefined || (controllers !== '' && !controllers!.split(',').includes(controller))) return [];
		const version = controllers === '' ? 2 : 1;
		const base = join(root, 'sys/fs/cgroup', version === 1 ? controller : '');
		const names = path.split('/').filter(Boolean);
		return Array.from({ length: names.length + 1 }, (_, depth) => ({ folder: join(base, ...names.slice(0, depth)), version }) as const);
	});
}

/** Bytes that a group may hold and holds; page cache that nobody touches counts as free. Undefined: no limit here. */
export function cgroupMemory({ folder, version }: CgroupFolder): { limitBytes: number; usedBytes: number } | undefined {
	const [limitFile, usedFile, cacheField] = version === 2 ? ['memory.max', 'memory.current', 'inactive_file'] : ['memory.limit_in_bytes', 'memory.usage_in_bytes', 'total_inactive_file'];
	const limitBytes = numberIn(join(folder, limitFile!));
	const used = numberIn(join(folder, usedFile!));
	// v1 writes "no limit" as a number near 2^63, v2 as "max".
	if (!(limitBytes < 2 ** 60) || Number.isNaN(used)) return undefined;
	return { limitBytes, usedBytes: Math.max(0, used - (field(read(join(folder, 'memory.stat')), cacheField!) ?? 0)) };
}

/** Cores that a group may use (1.5 = one and a half) and the CPU seconds it has used so far. Undefined: no limit here. */
export function cgroupCpu({ folder, version }: CgroupFolder): { cores: number; usedSeconds: number } | undefined {
	if (version === 2) {
		const [quota, period] = read(join(folder, 'cpu.max')).trim().split(' ').map(Number);
		const usedMicros = field(read(join(folder, 'cpu.stat')), 'usage_usec');
		return quota! > 0 && period! > 0 && usedMicros !== undefined ? { cores: quota! / period!, usedSeconds: usedMicros / 1e6 } : undefined;
	}
	const quota = numberIn(join(folder, 'cpu.cfs_quota_us'));
	const period = numberIn(join(folder, 'cpu.cfs_period_us'));
	// The accounting is a controller of its own, mostly mounted at the same place.
	const usedNanos = numberIn(join(folder.replace(/(sys\/fs\/cgroup\/)cpu(?=\/|$)/, '$1cpuacct'), 'cpuacct.usage'));
	return quota > 0 && period > 0 && usedNanos >= 0 ? { cores: quota / period, usedSeconds: usedNanos / 1e9 } : undefined;
}
