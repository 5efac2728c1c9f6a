import { randomBytes } from 'node:crypto';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { BootError } from './env.ts';

/**
 * A secret made once and kept in a file that only its owner can read.
 * @param remedy what to do when the file is unusable, as a sentence
 * @throws BootError when the file can't be read or written or does not hold a secret
 */
export function keptSecret(file: string, remedy: string): string {
	const unusable = (why: string) => new BootError(`The server can't start: ${file} ${why}. ${remedy}`);
	try {
		writeFileSync(file, randomBytes(48).toString('base64url'), { mode: 0o600, flag: 'wx' });
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code !== 'EEXIST') throw unusable(`can't be written (${code})`);
	}
	let secret: string;
	try {
		if (statSync(file).mode & 0o077) chmodSync(file, 0o600); // a copy or a restored backup may have widened it
		secret = readFileSync(file, 'utf8').trim();
	} catch (error) {
		throw unusable(`can't be read (${(error as NodeJS.ErrnoException).code})`);
	}
	if (secret.length < 32) throw unusable('does not hold a secret');
	return secret;
}
