import { createHmac, randomBytes } from 'node:crypto';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { BootError } from '../env.ts';
import { singleton } from '../singleton.ts';

const shortest = 32;
const holder = singleton('auth-secret', () => ({ secret: undefined as string | undefined }));

/**
 * The secret that signs tokens: JWT_SECRET, else one made once and kept in a file that only its owner can read.
 * @throws BootError when the file can't be read or does not hold a secret
 */
export function openSecret(given: string | undefined, file: string): void {
	holder.secret = given ?? keptSecret(file);
}

function keptSecret(file: string): string {
	try {
		writeFileSync(file, randomBytes(48).toString('base64url'), { mode: 0o600, flag: 'wx' });
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unusable(file, `can't be written (${(error as NodeJS.ErrnoException).code})`);
	}
	try {
		if (statSync(file).mode & 0o077) chmodSync(file, 0o600); // a copy or a restored backup may have widened it
		const secret = readFileSync(file, 'utf8').trim();
		if (secret.length >= shortest) return secret;
	} catch (error) {
		throw unusable(file, `can't be read (${(error as NodeJS.ErrnoException).code})`);
	}
	throw unusable(file, 'does not hold a secret; remove it and a new one is made (everybody signs in again)');
}

const unusable = (file: string, why: string) => new BootError(`The server can't start: ${file} ${why}. Mend it, or set JWT_SECRET.`);

function secret(): string {
	if (holder.secret === undefined) throw new Error('the secret is not open');
	return holder.secret;
}

/** Signs and checks tokens: the secret's own bytes, so that whoever set JWT_SECRET can check them too. */
export const tokenKey = (): Uint8Array => new TextEncoder().encode(secret());

/** A key of 32 bytes derived for CSRF tokens, so that neither kind can pass for the other. */
export const csrfKey = (): Uint8Array => createHmac('sha256', secret()).update('csrf').digest();
