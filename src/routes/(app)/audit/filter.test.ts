import { describe, expect, it } from 'vitest';
import { addressOf, filterIn, queryOf } from './filter.ts';

describe('the filter in the address', () => {
	it.each([
		[{}, '/audit'],
		[{ username: 'bob', action: 'users.', outcome: 'refused' }, '/audit?username=bob&action=users.&outcome=refused'],
		[{ from: '2024-01-15', to: '2024-01-16' }, '/audit?from=2024-01-15&to=2024-01-16']
	])('%j is %s', (filter, address) => {
		expect(addressOf(filter)).toBe(address);
		expect(filterIn(new URL(address, 'http://x').searchParams)).toEqual(filter);
	});

	it('means the hours until now, or whole days', () => {
		const now = Date.UTC(2024, 0, 15, 12);
		expect(queryOf({ hours: '24' }, now).since).toEqual(new Date(now - 86_400_000));
		const { since, until } = queryOf({ from: '2024-01-15', to: '2024-01-15' }, now);
		expect([since, until]).toEqual([new Date(2024, 0, 15), new Date(2024, 0, 15, 23, 59, 59, 999)]);
	});

	it('leaves out what it does not know', () => {
		expect(queryOf({ outcome: 'perhaps', from: 'yesterday', hours: '-1' }, 0)).toEqual({ username: undefined, action: undefined, outcome: undefined, since: undefined, until: undefined });
	});
});
