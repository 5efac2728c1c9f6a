import { describe, expect, it } from 'vitest';
import { isPublicAddress } from './addresses.ts';
import { requireAllowedUrl, type HostRules } from './hosts.ts';

describe('what is the public internet', () => {
	it.each(['8.8.8.8', '104.16.0.1', '172.32.0.1', '2606:4700::1111', '64:ff9b::808:808', '::ffff:8.8.8.8'])('%s is', (address) => expect(isPublicAddress(address)).toBe(true));
	it.each([
		'127.0.0.1', '10.1.2.3', '172.16.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1', '0.0.0.0', '224.0.0.1', '255.255.255.255', '198.18.0.1',
		'::1', '::', 'fe80::1', 'fe80::1%eth0', 'fc00::1', 'fd12:3456::1', 'ff02::1', '::ffff:127.0.0.1', '::ffff:7f00:1', '64:ff9b::7f00:1', '64:ff9b::a00:1', '2002:7f00:1::', '2001:db8::1', '::127.0.0.1', '[::1]', 'nonsense', ''
	])('%s is not', (address) => expect(isPublicAddress(address)).toBe(false));
});

describe('which addresses are asked', () => {
	const rules: HostRules = { hub: 'https://huggingface.co', operator: ['mirror.lan:8080'], allowed: ['models.example.org', '*.example.net', 'ports.example.org:8443'] };
	const verdict = (url: string, own = rules): string => {
		try {
			return requireAllowedUrl(new URL(url), own).operators ? 'operator' : 'allowed';
		} catch (error) {
			return (error as Error).message;
		}
	};

	it.each([
		['https://huggingface.co/a/b', 'allowed'], ['https://cdn-lfs-us-1.hf.co/x', 'allowed'], ['https://models.example.org/x', 'allowed'], ['https://a.b.example.net/x', 'allowed'],
		['https://ports.example.org:8443/x', 'allowed'], ['http://mirror.lan:8080/x', 'operator']
	])('%s: %s', (url, expected) => expect(verdict(url)).toBe(expected));

	it.each([
		['https://evil.example.org/x', /not on the list/], ['https://huggingface.co.evil.org/x', /not on the list/], ['https://evilhf.co/x', /not on the list/], ['https://example.net/x', /not on the list/],
		['https://huggingface.co:8443/x', /not on the list/], ['https://ports.example.org/x', /not on the list/], ['http://models.example.org/x', /Only https/], ['http://huggingface.co/x', /Only https/],
		['https://user:pass@huggingface.co/x', /name or password/], ['http://mirror.lan/x', /Only https/], ['http://127.0.0.1:8080/x', /Only https/], ['https://2130706433/x', /not on the list/]
	])('%s is refused', (url, message) => expect(verdict(url)).toMatch(message));

	it('an address of its own is refused also where the list has it, unless the operator named it', () => {
		expect(verdict('https://10.0.0.1/x', { ...rules, allowed: ['10.0.0.1'] })).toMatch(/private address/);
		expect(verdict('https://[::1]/x', { ...rules, allowed: ['[::1]'] })).toMatch(/private address/);
		expect(verdict('http://10.0.0.1/x', { ...rules, operator: ['10.0.0.1'] })).toBe('operator');
		expect(verdict('http://127.0.0.1:9/x', { ...rules, hub: 'http://127.0.0.1:9' })).toBe('operator');
		expect(verdict('http://127.0.0.1:10/x', { ...rules, hub: 'http://127.0.0.1:9' })).toMatch(/Only https/);
	});
});
