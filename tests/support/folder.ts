import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A new empty folder (links resolved), removed when the file's tests have ended. */
export function temporaryFolder(): string {
	const folder = realpathSync(mkdtempSync(join(tmpdir(), 'llama-runner-test-')));
	afterAll(() => rmSync(folder, { recursive: true, force: true }));
	return folder;
}
