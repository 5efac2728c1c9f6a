import { createHmac } from 'node:crypto';
import { keptSecret } from '../kept-secret.ts';
import { singleton } from '../singleton.ts';

const holder = singleton('auth-secret', () => ({ secret: undefined as string | undefined, key: new Uint8Array() }));

/**
 * The secret that signs tokens: JWT_SECRET, else one made once and kept in a file that only its owner can read.
 * @throws BootError when the file can't be read or does not hold a secret
 */
export function openSecret(given: string | undefined, file: string): void {
	holder.secret = given ?? keptSecret(file, 'Mend it, remove it (a new one is made and everybody signs in again), or set JWT_SECRET.');
	holder.key = new TextEncoder().encode(holder.secret);
}

function secret(): string {
	if (holder.secret === undefined) throw new Error('the secret is not open');
	return holder.secret;
}

/** Signs and checks tokens: the secret's own bytes, so that whoever set JWT_SECRET can check them too. The same object until the secret changes. */
export function tokenKey(): Uint8Array {
	secret();
	return holder.key;
}

/** A key of 32 bytes derived for CSRF tokens, so that neither kind can pass for the other. */
export const csrfKey = (): Uint8Array => createHmac('sha256', secret()).update('csrf').digest();
