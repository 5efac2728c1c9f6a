import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../../tests/support/folder.ts';
import { cpuMeter } from './cpu.ts';
import { measureDisks } from './disks.ts';
import { gpuMeter } from './gpus.ts';
import { machineMeter } from './sample.ts';

function write(root: string, files: Record<string, string>): string {
	for (const [path, text] of Object.entries(files)) {
		mkdirSync(dirname(join(root, path)), { recursive: true });
		writeFileSync(join(root, path), text);
	}
	return root;
}

function spin(ms: number): void {
	for (const until = performance.now() + ms; performance.now() < until; );
}

describe('CPU use', () => {
	it('is measured between two looks: a busy core is at least its share', () => {
		const percent = cpuMeter(temporaryFolder());
		spin(400);
		const busy = percent();
		expect(busy).toBeGreaterThan(60 / cpus().length);
		expect(busy).toBeLessThanOrEqual(100);
	});

	it('counts against a quota where there is one, and is never above all of it', () => {
		const used = (micros: number) => ({ 'sys/fs/cgroup/a/cpu.stat': `usage_usec ${micros}\n` });
		const root = write(temporaryFolder(), { 'proc/self/cgroup': '0::/a\n', 'sys/fs/cgroup/a/cpu.max': '50000 100000\n', ...used(1_000_000) });
		let seconds = 100;
		const percent = cpuMeter(root, () => seconds);
		seconds += 2;
		write(root, used(1_250_000)); // a quarter of a second in two, of half a core
		expect(percent()).toBeCloseTo(25);
		seconds += 2;
		write(root, used(9_000_000));
		expect(percent()).toBe(100);
		expect(percent()).toBe(100); // no time has passed: what was measured last holds
	});
});

describe('GPUs', () => {
	/** The first look asks in the background; the answer is there soon after, or there is none. */
	async function read(meter: ReturnType<typeof gpuMeter>, { patienceMs = 5000 } = {}) {
		for (const until = performance.now() + patienceMs; performance.now() < until && meter().length === 0; ) await sleep(20);
		return meter();
	}
	function tool(script: string): string {
		const path = join(temporaryFolder(), 'nvidia-smi');
		writeFileSync(path, `#!/bin/sh\n${script}\n`);
		chmodSync(path, 0o755);
		return path;
	}

	it('are none where there is no driver', async () => {
		expect(await read(gpuMeter({ root: temporaryFolder(), command: join(temporaryFolder(), 'none') }), { patienceMs: 300 })).toEqual([]);
	});

	it('of NVIDIA are told by its tool', async () => {
		const command = tool('echo "NVIDIA H200, 37, 1024, 143771"; echo "NVIDIA GB10, [N/A], 0, 8192"');
		expect(await read(gpuMeter({ root: temporaryFolder(), command }))).toEqual([
			{ name: 'NVIDIA H200', load: 37, usedBytes: 2 ** 30, totalBytes: 143771 * 2 ** 20 },
			{ name: 'NVIDIA GB10', load: null, usedBytes: 0, totalBytes: 2 ** 33 }
		]);
	});

	it('are none while the tool fails, and it is asked again later', async () => {
		const flag = join(temporaryFolder(), 'up');
		const meter = gpuMeter({ root: temporaryFolder(), command: tool(`test -e ${flag} || exit 9; echo "RTX, 5, 1, 2"`), everyMs: 100 });
		expect(await read(meter, { patienceMs: 300 })).toEqual([]);
		writeFileSync(flag, '');
		expect(await read(meter)).toMatchObject([{ name: 'RTX', load: 5 }]);
	});

	it('of AMD are told by the kernel', async () => {
		const root = write(temporaryFolder(), {
			'sys/class/drm/card0-HDMI/status': 'connected',
			'sys/class/drm/card1/device/gpu_busy_percent': '0\n',
			'sys/class/drm/card1/device/mem_info_vram_used': '1000\n',
			'sys/class/drm/card1/device/mem_info_vram_total': '4000\n'
		});
		expect(await read(gpuMeter({ root, command: 'no-such-tool' }))).toEqual([{ name: 'AMD card1', load: 0, usedBytes: 1000, totalBytes: 4000 }]);
	});
});

describe('the machine', () => {
	it('tells of every file system once, and leaves out a folder that is gone', async () => {
		const folder = temporaryFolder();
		const link = join(temporaryFolder(), 'link');
		symlinkSync(folder, link);
		const disks = await measureDisks([{ name: 'data', path: folder }, { name: 'models', path: link }, { name: 'gone', path: join(folder, 'gone') }]);
		expect(disks).toEqual([{ name: 'data', usedBytes: expect.any(Number), totalBytes: expect.any(Number) }]);
		const [total] = execFileSync('df', ['-B1', '--output=size', folder], { encoding: 'utf8' }).trim().split('\n').slice(-1);
		expect(disks[0]!.totalBytes).toBe(Number(total));
	});

	it('has the memory of the machine, or of the container', async () => {
		const whole = await machineMeter([], temporaryFolder())();
		expect(whole.memory.totalBytes).toBeGreaterThan(totalmem() * 0.9);
		expect(whole.memory.usedBytes).toBeGreaterThan(0);
		expect(whole.memory.usedBytes).toBeLessThan(whole.memory.totalBytes);
		const root = write(temporaryFolder(), { 'proc/self/cgroup': '0::/a\n', 'sys/fs/cgroup/a/memory.max': '1000\n', 'sys/fs/cgroup/a/memory.current': '700\n', 'sys/fs/cgroup/a/memory.stat': 'inactive_file 200\n' });
		expect((await machineMeter([], root)()).memory).toEqual({ usedBytes: 500, totalBytes: 1000 });
	});
});
