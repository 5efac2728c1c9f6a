import { describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../../tests/support/database.ts';
import { listAudit, recordAudit, shownChange } from './audit.ts';

freshDatabase();

const actor = (username: string) => ({ userId: username, username, ip: '127.0.0.1', requestId: 'r' });
const actions = (filter: Parameters<typeof listAudit>[0], limit = 50) => listAudit(filter, { limit }).entries.map((entry) => entry.action);

describe('the audit trail', () => {
	it('is read newest first, a page at a time, without gaps or repeats', () => {
		for (let index = 1; index <= 5; index++) recordAudit(actor('admin'), `step.${index}`, { outcome: 'ok' });
		const first = listAudit({}, { limit: 2 });
		expect(first.entries.map((entry) => entry.action)).toEqual(['step.5', 'step.4']);
		const second = listAudit({}, { limit: 2, before: first.next });
		const third = listAudit({}, { limit: 2, before: second.next });
		expect([...second.entries, ...third.entries].map((entry) => entry.action)).toEqual(['step.3', 'step.2', 'step.1']);
		expect(third.next).toBeUndefined();
	});

	it('is filtered by kind, person, outcome and time', () => {
		recordAudit(actor('admin'), 'users.create', { outcome: 'ok', target: 'bob' });
		recordAudit(actor('bob'), 'auth.login', { outcome: 'refused' });
		recordAudit(actor('bob'), 'usersettings.x', { outcome: 'ok' });
		expect(actions({ action: 'users.' })).toEqual(['users.create']);
		expect(actions({ username: 'bob' })).toEqual(['usersettings.x', 'auth.login']);
		expect(actions({ outcome: 'refused' })).toEqual(['auth.login']);
		expect(actions({ since: new Date(Date.now() + 1000) })).toEqual([]);
		expect(actions({ until: new Date(Date.now() + 1000) })).toHaveLength(3);
	});

	it('holds who did what to whom, from where', () => {
		recordAudit(actor('admin'), 'users.update', { outcome: 'ok', target: 'bob', details: { role: 'admin' } });
		expect(listAudit({}, { limit: 1 }).entries[0]).toMatchObject({ username: 'admin', action: 'users.update', target: 'bob', outcome: 'ok', ip: '127.0.0.1', requestId: 'r', details: { role: 'admin' } });
	});

	it('never holds a secret, at any depth', () => {
		const change = { password: 's3cret', newPassword: 's3cret', apiKey: 's3cret', key: 's3cret', nested: [{ accessToken: 's3cret', secret: 's3cret' }], maxTokens: 5 };
		expect(JSON.stringify(shownChange(change))).not.toContain('s3cret');
		expect(shownChange(change)).toMatchObject({ maxTokens: 5 });
	});

	it('is bounded by entry, however large the change', () => {
		const deep = { a: { b: { c: { d: 'x' } } } };
		expect(JSON.stringify(shownChange({ text: 'x'.repeat(10_000), list: Array.from({ length: 1000 }, () => 'y'), deep })).length).toBeLessThan(1000);
	});
});
