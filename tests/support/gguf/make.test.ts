import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { buildModel } from './model.ts';
import { encodeGguf } from './writer.ts';

const dir = mkdtempSync(join(tmpdir(), 'make-test-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const command = join(import.meta.dirname, 'make.ts');

describe('the command', () => {
	it('writes the model of its options', () => {
		const path = join(dir, 'made.gguf');
		execFileSync(process.execPath, [command, path, '--seed', '3', '--name', 'Made', '--script', 'Hello.', '--loop', '--template', 'none']);
		const expected = Buffer.concat([...encodeGguf(buildModel({ seed: 3, name: 'Made', script: { sentence: 'Hello.', loop: true }, template: null }))]);
		expect(readFileSync(path).equals(expected)).toBe(true);
	});

	it('says what it does not know', () => {
		const { status, stderr } = spawnSync(process.execPath, [command, join(dir, 'other.gguf'), '--preset', 'giant'], { encoding: 'utf8' });
		expect(status).toBe(1);
		expect(stderr).toContain('--preset is one of tiny, mid');
	});
});
