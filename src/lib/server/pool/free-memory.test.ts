import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { freeMemory } from './free-memory.ts';

const roots: string[] = [];
afterEach(() => roots.splice(0).forEach((root) => rmSync(root, { recursive: true })));

/** A root folder with these files. */
function rootWith(files: Record<string, string>): string {
	const root = mkdtempSync(join(tmpdir(), 'llama-runner-test-'));
	roots.push(root);
	for (const [path, text] of Object.entries(files)) {
		mkdirSync(dirname(join(root, path)), { recursive: true });
		writeFileSync(join(root, path), text);
	}
	return root;
}

describe('free memory', () => {
	it('is what the machine has when nothing limits it', () => {
		expect(freeMemory(rootWith({}), 5000)).toBe(5000);
		expect(freeMemory(rootWith({ 'proc/self/cgroup': '0::/a\n', 'sys/fs/cgroup/a/memory.max': 'max\n', 'sys/fs/cgroup/a/memory.current': '70\n' }), 5000)).toBe(5000);
	});

	it('is what a cgroup of version 2 leaves, with cache that nobody touches', () => {
		const root = rootWith({
			'proc/self/cgroup': '0::/a\n',
			'sys/fs/cgroup/a/memory.max': '1000\n',
			'sys/fs/cgroup/a/memory.current': '700\n',
			'sys/fs/cgroup/a/memory.stat': 'anon 500\ninactive_file 150\nactive_file 50\n'
		});
		expect(freeMemory(root, 5000)).toBe(450);
		expect(freeMemory(root, 100)).toBe(100);
	});

	it('obeys the limit of a parent', () => {
		const root = rootWith({
			'proc/self/cgroup': '0::/a/b\n',
			'sys/fs/cgroup/a/memory.max': '300\n',
			'sys/fs/cgroup/a/memory.current': '200\n',
			'sys/fs/cgroup/a/b/memory.max': 'max\n',
			'sys/fs/cgroup/a/b/memory.current': '200\n'
		});
		expect(freeMemory(root, 5000)).toBe(100);
	});

	it('reads version 1, whose "no limit" is a huge number', () => {
		const files = (limit: string) => ({
			'proc/self/cgroup': '5:cpu,cpuacct:/x\n4:memory:/a\n',
			'sys/fs/cgroup/memory/a/memory.limit_in_bytes': limit,
			'sys/fs/cgroup/memory/a/memory.usage_in_bytes': '700\n',
			'sys/fs/cgroup/memory/a/memory.stat': 'inactive_file 1\ntotal_inactive_file 100\n'
		});
		expect(freeMemory(rootWith(files('1000\n')), 5000)).toBe(400);
		expect(freeMemory(rootWith(files('9223372036854771712\n')), 5000)).toBe(5000);
	});

	it('is a plain number of this machine', () => {
		expect(freeMemory()).toBeGreaterThan(0);
	});
});
