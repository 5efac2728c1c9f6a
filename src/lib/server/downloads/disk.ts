import { statfs } from 'node:fs/promises';
import { AppError } from '../errors.ts';

/** Left free for everything else on the disk. */
const marginBytes = 256 * 2 ** 20;
const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(bytes < 1e10 ? 2 : 1)} GB`;

/** Bytes a folder's disk can still take. */
export async function freeDiskBytes(folder: string): Promise<number> {
	const { bavail, bsize } = await statfs(folder);
	return bavail * bsize;
}

/** @param bytes that are still to come, those of other downloads included. @throws AppError CONFLICT with the figures */
export async function requireDiskSpace(folder: string, bytes: number, what: string): Promise<void> {
	const free = await freeDiskBytes(folder);
	if (bytes + marginBytes > free)
		throw new AppError('CONFLICT', `There is not enough disk space for ${what}: ${gigabytes(bytes)} are still to come and the disk of the models folder has ${gigabytes(free)} free. Free some space or choose a smaller file.`);
}
