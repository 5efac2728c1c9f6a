import { describe, expect, it } from 'vitest';
import { addressOf, filterIn } from './filter.ts';

describe('the filter in the address', () => {
	it.each([
		[{}, '/logs'],
		[{ level: 'warn' as const }, '/logs?level=warn'],
		[{ level: 'error' as const, source: 'access', text: 'a b&c', requestId: 'r-1' }, '/logs?level=error&source=access&text=a+b%26c&request=r-1']
	])('%j is %s', (filter, address) => {
		expect(addressOf(filter)).toBe(address);
		expect(filterIn(new URL(address, 'http://x').searchParams)).toEqual({ level: undefined, source: undefined, text: undefined, requestId: undefined, ...filter });
	});

	it('leaves out a level that is none', () => expect(filterIn(new URLSearchParams('level=loud&text=')).level).toBeUndefined());
});
