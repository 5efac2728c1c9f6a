import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MachineSample } from '../../contract/monitoring.ts';

type Gpu = MachineSample['gpus'][number];

const query = ['--query-gpu=name,utilization.gpu,memory.used,memory.total', '--format=csv,noheader,nounits'];

/** NVIDIA's, by the driver's own tool; undefined where there is none. Not by systeminformation, which waits for it and holds everything up. */
function askNvidia(command: string): Promise<Gpu[] | undefined> {
	return new Promise((resolve) => {
		execFile(command, query, { timeout: 5000, windowsHide: true }, (error, output) => {
			if (error) return resolve((error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : []);
			resolve(output.split('\n').flatMap((line) => {
				const [name, load, used, total] = line.split(', ');
				if (!name || !(Number(total) > 0)) return [];
				return [{ name, load: Number.isFinite(Number(load)) ? Number(load) : null, usedBytes: (Number(used) || 0) * 2 ** 20, totalBytes: Number(total) * 2 ** 20 }];
			}));
		});
	});
}

/** AMD's, from what the Linux kernel shows of each card. */
async function readAmd(root: string): Promise<Gpu[]> {
	const folder = join(root, 'sys/class/drm');
	const cards = (await readdir(folder).catch(() => [])).filter((name) => /^card\d+$/.test(name)).sort();
	const found = await Promise.all(cards.map(async (card): Promise<Gpu | undefined> => {
		const numberOf = async (file: string) => Number.parseInt(await readFile(join(folder, card, 'device', file), 'utf8').catch(() => ''), 10);
		const [load, usedBytes, totalBytes] = await Promise.all(['gpu_busy_percent', 'mem_info_vram_used', 'mem_info_vram_total'].map(numberOf));
		return totalBytes! > 0 ? { name: `AMD ${card}`, load: Number.isFinite(load) ? load! : null, usedBytes: usedBytes || 0, totalBytes: totalBytes! } : undefined;
	}));
	return found.filter((gpu) => gpu !== undefined);
}

/**
 * The GPUs with their load and memory, as they were when the driver last answered. Asking takes its time, so it is done in
 * the background and at most every `everyMs`.
 * @param root folder that holds `sys`
 */
export function gpuMeter({ root = '/', command = 'nvidia-smi', everyMs = 10_000 } = {}): () => Gpu[] {
	let gpus: Gpu[] = [];
	let askedAt = -Infinity;
	let hasNvidia = true;
	async function ask(): Promise<void> {
		const [nvidia, amd] = await Promise.all([hasNvidia ? askNvidia(command) : undefined, readAmd(root)]);
		hasNvidia = nvidia !== undefined;
		gpus = [...(nvidia ?? []), ...amd];
	}
	return () => {
		if (performance.now() - askedAt >= everyMs) {
			askedAt = performance.now();
			void ask();
		}
		return gpus;
	};
}
