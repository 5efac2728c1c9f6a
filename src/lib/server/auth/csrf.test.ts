import { beforeAll, describe, expect, it } from 'vitest';
import { csrfTokenMatches, issueCsrfToken } from './csrf.ts';
import { openSecret } from './secret.ts';

beforeAll(() => openSecret('a secret of at least thirty-two characters', ''));

describe('CSRF tokens', () => {
	it('look like a GUID and match the cookie they came with', () => {
		const { csrfToken, seed } = issueCsrfToken(undefined);
		expect(csrfToken).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
		expect(csrfTokenMatches(seed, csrfToken)).toBe(true);
	});

	it('stay the same for a cookie that is held, so that two tabs share it', () => {
		const first = issueCsrfToken(undefined);
		expect(issueCsrfToken(first.seed)).toEqual(first);
	});

	it('never match another cookie, nothing, or what is no cookie of ours', () => {
		const one = issueCsrfToken(undefined);
		const other = issueCsrfToken(undefined);
		expect(csrfTokenMatches(other.seed, one.csrfToken)).toBe(false);
		expect(csrfTokenMatches(undefined, one.csrfToken)).toBe(false);
		expect(csrfTokenMatches(one.seed, null)).toBe(false);
		expect(csrfTokenMatches(one.seed, '')).toBe(false);
		expect(csrfTokenMatches('x', issueCsrfToken('x').csrfToken)).toBe(false);
	});
});
