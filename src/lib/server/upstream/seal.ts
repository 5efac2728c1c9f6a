import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const cipher = 'aes-256-gcm';

export type Seal = {
	/** @param owner what the text belongs to: sealed text copied to another owner does not open */
	close: (text: string, owner: string) => string;
	/** undefined when it was not sealed here or not for this owner, or has been changed */
	open: (sealed: string, owner: string) => string | undefined;
};

/** Encrypts small texts for the database, so that a copy of it alone gives none of them away: AES-256-GCM under a key derived from the secret. */
export function sealWith(secret: string): Seal {
	const key = Buffer.from(hkdfSync('sha256', secret, '', 'llama-runner upstream keys', 32));
	return {
		close(text, owner) {
			const nonce = randomBytes(12);
			const box = createCipheriv(cipher, key, nonce).setAAD(Buffer.from(owner));
			const sealed = Buffer.concat([box.update(text, 'utf8'), box.final()]);
			return `v1.${Buffer.concat([nonce, box.getAuthTag(), sealed]).toString('base64url')}`;
		},
		open(sealed, owner) {
			if (!sealed.startsWith('v1.')) return undefined;
			const bytes = Buffer.from(sealed.slice(3), 'base64url');
			try {
				const box = createDecipheriv(cipher, key, bytes.subarray(0, 12)).setAAD(Buffer.from(owner)).setAuthTag(bytes.subarray(12, 28));
				return Buffer.concat([box.update(bytes.subarray(28)), box.final()]).toString('utf8');
			} catch {
				return undefined;
			}
		}
	};
}
