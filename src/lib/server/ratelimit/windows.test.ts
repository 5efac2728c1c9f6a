import { describe, expect, it } from 'vitest';
import type { AppError } from '../errors.ts';
import { addressKey, assertWithin, spend, spendLogin, strictest } from './windows.ts';

describe('rate limits', () => {
	it('count down to zero within one window and then exceed', async () => {
		const windows = [];
		for (let i = 0; i < 61; i++) windows.push((await spend('user', 'counting'))!);
		expect(windows[0]).toMatchObject({ limit: 60, remaining: 59, exceeded: false });
		expect(windows[59]).toMatchObject({ remaining: 0, exceeded: false });
		expect(windows[60]).toMatchObject({ remaining: 0, exceeded: true });
		expect(new Set(windows.map((window) => window.resetAt)).size).toBeLessThanOrEqual(2);
	});

	it('refuse with the seconds to wait and the headers', async () => {
		for (let i = 0; i < 60; i++) await spend('user', 'refused');
		const over = (await spend('user', 'refused'))!;
		const thrown = (() => {
			try {
				assertWithin([over]);
			} catch (error) {
				return error as AppError;
			}
		})()!;
		expect(thrown.code).toBe('RATE_LIMITED');
		expect(thrown.retryAfterSeconds).toBeGreaterThan(50);
		expect(thrown.headers).toMatchObject({ 'x-ratelimit-limit': '60', 'x-ratelimit-remaining': '0' });
	});

	it('count sign-ins by name from many addresses, and by address for many names', async () => {
		for (let i = 0; i < 5; i++) await spendLogin(`10.0.0.${i}`, 'Target');
		expect((await spendLogin('10.0.0.99', 'tARGET')).some((window) => window.exceeded)).toBe(true);
		for (let i = 0; i < 5; i++) await spendLogin('10.1.1.1', `name-${i}`);
		expect((await spendLogin('10.1.1.1', 'yet-another')).some((window) => window.exceeded)).toBe(true);
	});

	it.each([
		['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
		['2001:db8::1', '2001:db8:0:0'],
		['::1', '0:0:0:0'],
		['::ffff:192.0.2.7', '192.0.2.7'],
		['fe80::1%eth0', 'fe80:0:0:0'],
		['192.0.2.7', '192.0.2.7']
	])('see the address %s as %s', (ip, key) => expect(addressKey(ip)).toBe(key));

	it('take the strictest window for the headers', () => {
		const at = (remaining: number) => ({ limit: 5, remaining, resetAt: 1, exceeded: false });
		expect(strictest([at(4), at(2), at(3)])).toEqual(at(2));
	});
});
