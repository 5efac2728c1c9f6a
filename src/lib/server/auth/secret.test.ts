import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../../tests/support/folder.ts';
import { csrfKey, openSecret, tokenKey } from './secret.ts';

const folder = temporaryFolder();
const secretNow = () => Buffer.from(tokenKey()).toString();

describe('the secret', () => {
	it('is made once, readable by its owner alone, and kept', () => {
		const file = join(folder, 'made');
		openSecret(undefined, file);
		const made = secretNow();
		expect(made.length).toBeGreaterThanOrEqual(32);
		expect(statSync(file).mode & 0o777).toBe(0o600);
		openSecret(undefined, file);
		expect(secretNow()).toBe(made);
	});

	it('is JWT_SECRET when that is set, and then writes no file', () => {
		const file = join(folder, 'unused');
		openSecret('x'.repeat(32), file);
		expect(secretNow()).toBe('x'.repeat(32));
		expect(existsSync(file)).toBe(false);
	});

	it('closes a file that others could read', () => {
		const file = join(folder, 'wide');
		writeFileSync(file, 'y'.repeat(40));
		chmodSync(file, 0o644);
		openSecret(undefined, file);
		expect(statSync(file).mode & 0o777).toBe(0o600);
	});

	it('refuses to start on an emptied file, and leaves it for a person to judge', () => {
		const file = join(folder, 'emptied');
		writeFileSync(file, '');
		expect(() => openSecret(undefined, file)).toThrow(/does not hold a secret/);
		expect(readFileSync(file, 'utf8')).toBe('');
	});

	it('signs CSRF tokens with another key than JWTs', () => {
		openSecret('z'.repeat(32), '');
		expect(Buffer.from(csrfKey()).equals(tokenKey())).toBe(false);
	});
});
