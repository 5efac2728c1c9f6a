import { expect, it } from 'vitest';
import { sealWith } from './seal.ts';

const secret = 'a secret of at least thirty-two characters';

it('opens what it sealed, also after a restart, and never writes it twice alike', () => {
	const sealed = sealWith(secret).close('sk-secret', 'a');
	expect(sealed).not.toContain('sk-secret');
	expect(sealWith(secret).close('sk-secret', 'a')).not.toBe(sealed);
	expect(sealWith(secret).open(sealed, 'a')).toBe('sk-secret');
});

it('opens nothing for another owner, nothing changed, and nothing from another installation', () => {
	const sealed = sealWith(secret).close('sk-secret', 'a');
	const changed = sealed.slice(0, 20) + (sealed[20] === 'A' ? 'B' : 'A') + sealed.slice(21);
	expect(sealWith(secret).open(sealed, 'b')).toBeUndefined();
	expect(sealWith(secret).open(changed, 'a')).toBeUndefined();
	expect(sealWith(secret).open('v1.', 'a')).toBeUndefined();
	expect(sealWith(secret).open('sk-plain', 'a')).toBeUndefined();
	expect(sealWith(`${secret}!`).open(sealed, 'a')).toBeUndefined();
});
