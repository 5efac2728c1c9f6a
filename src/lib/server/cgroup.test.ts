import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../tests/support/folder.ts';
import { cgroupCpu, cgroupFolders } from './cgroup.ts';

function rootWith(files: Record<string, string>): string {
	const root = temporaryFolder();
	for (const [path, text] of Object.entries(files)) {
		mkdirSync(dirname(join(root, path)), { recursive: true });
		writeFileSync(join(root, path), text);
	}
	return root;
}
const limits = (files: Record<string, string>) => cgroupFolders('cpu', rootWith(files)).map(cgroupCpu);

describe('CPU limits', () => {
	it('of version 2, where each level may have one', () => {
		expect(limits({
			'proc/self/cgroup': '0::/a/b\n',
			'sys/fs/cgroup/a/cpu.max': 'max 100000\n',
			'sys/fs/cgroup/a/cpu.stat': 'usage_usec 9000000\n',
			'sys/fs/cgroup/a/b/cpu.max': '150000 100000\n',
			'sys/fs/cgroup/a/b/cpu.stat': 'usage_usec 2500000\nuser_usec 1\n'
		})).toEqual([undefined, undefined, { cores: 1.5, usedSeconds: 2.5 }]);
	});

	it('of version 1, whose accounting lies beside', () => {
		expect(limits({
			'proc/self/cgroup': '3:cpuset:/a\n2:cpuacct:/a\n1:cpu:/a\n',
			'sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
			'sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
			'sys/fs/cgroup/cpuacct/cpuacct.usage': '5\n',
			'sys/fs/cgroup/cpu/a/cpu.cfs_quota_us': '50000\n',
			'sys/fs/cgroup/cpu/a/cpu.cfs_period_us': '100000\n',
			'sys/fs/cgroup/cpuacct/a/cpuacct.usage': '3000000000\n'
		})).toEqual([undefined, { cores: 0.5, usedSeconds: 3 }]);
	});

	it('of none, on a system that has no groups', () => {
		expect(limits({})).toEqual([]);
	});
});
