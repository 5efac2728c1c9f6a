import { expect, it } from 'vitest';
import { pagesFor } from './navigation.ts';

const paths = (role: 'admin' | 'user', mayWatch: boolean) => pagesFor({ user: { role }, mayWatch }).map(({ href }) => href);

it('leads nobody to a page that is not theirs: logs tell of everybody, users and the audit trail are the administrators’', () => {
	expect(paths('user', false)).not.toContain('/logs');
	expect(paths('user', false)).not.toContain('/users');
	expect(paths('user', true)).not.toContain('/audit');
	expect(paths('user', true)).toContain('/logs');
	expect(paths('admin', true)).toEqual(expect.arrayContaining(['/chat', '/logs', '/settings', '/users', '/audit']));
});
