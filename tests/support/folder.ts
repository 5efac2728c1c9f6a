import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished, TestRunner } from 'vitest';

/** A new empty folder (links resolved), removed when the test that asked for it has ended, or the file's tests. */
export function temporaryFolder(): string {
	const folder = realpathSync(mkdtempSync(join(tmpdir(), 'llama-runner-test-')));
	(TestRunner.getCurrentTest() ? onTestFinished : afterAll)(() => rmSync(folder, { recursive: true, force: true }));
	return folder;
}
