import { stat, statfs } from 'node:fs/promises';
import type { MachineSample } from '../../contract/monitoring.ts';

/** The file systems that these folders lie on, each once, under the name of the first folder there. One that is gone is left out. */
export async function measureDisks(folders: { name: string; path: string }[]): Promise<MachineSample['disks']> {
	const seen = new Set<number>();
	const disks: MachineSample['disks'] = [];
	for (const { name, path } of folders) {
		const [found, space] = await Promise.all([stat(path), statfs(path)]).catch(() => [undefined, undefined]);
		if (!found || !space || seen.has(found.dev)) continue;
		seen.add(found.dev);
		const totalBytes = space.blocks * space.bsize;
		if (totalBytes > 0) disks.push({ name, usedBytes: totalBytes - space.bavail * space.bsize, totalBytes });
	}
	return disks;
}
