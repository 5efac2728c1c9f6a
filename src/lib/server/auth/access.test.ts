import { describe, expect, it } from 'vitest';
import { accessOf, isLoopback, openModeRefusal } from './access.ts';

describe('who the server is open to', () => {
	it.each([
		['auto', '127.0.0.1', 0, 'open'],
		['auto', '::1', 0, 'open'],
		['auto', '::ffff:127.0.0.1', 0, 'open'],
		['auto', '0.0.0.0', 0, 'authenticated'],
		['auto', '::', 0, 'authenticated'],
		['auto', '192.168.1.5', 0, 'authenticated'],
		['auto', '127.0.0.1', 1, 'authenticated'],
		['open', '0.0.0.0', 0, 'open'],
		['open', '127.0.0.1', 1, 'open'],
		['authenticated', '127.0.0.1', 0, 'authenticated'],
		['auto', undefined, 0, 'authenticated'],
		['open', undefined, 0, 'authenticated']
	] as const)('API_ACCESS=%s bound to %s behind %i proxies is %s', (setting, address, trustProxy, access) => {
		expect(accessOf({ setting, address, trustProxy })).toBe(access);
	});
});

describe('loopback', () => {
	it.each(['127.0.0.1', '127.9.9.9', '::1', '[::1]', 'localhost', 'LOCALHOST', 'localhost.', 'app.localhost', '::ffff:127.0.0.1'])('%s is', (host) => {
		expect(isLoopback(host)).toBe(true);
	});

	it.each(['', '0.0.0.0', '::', '128.0.0.1', '127.0.0.1.evil.example', '127.evil.example', 'localhost.evil.example', 'notlocalhost', '10.127.0.1', '::2', '127.0.0.1:3000'])('%j is not', (host) => {
		expect(isLoopback(host)).toBe(false);
	});
});

describe('the walls of open mode', () => {
	const allowedOrigins = ['https://gateway.local', 'http://localhost:5173'];
	const onLoopback = { address: '127.0.0.1', allowedOrigins, machine: 'box' };
	const onNetwork = { address: '0.0.0.0', allowedOrigins, machine: 'box' };
	const call = (host: string, origin?: string) => ({ host, origin, ownOrigin: `http://${host}:3000` });

	it.each(['localhost', '127.0.0.1', '[::1]'])('let a program in by %s', (host) => {
		expect(openModeRefusal(call(host), onLoopback)).toBeUndefined();
	});

	it.each(['http://localhost:3000', ...allowedOrigins])('let pages of %s in', (origin) => {
		expect(openModeRefusal(call('localhost', origin), onLoopback)).toBeUndefined();
	});

	it.each(['http://evil.example', 'null', 'http://localhost', 'https://localhost:3000', 'http://127.0.0.1:3000', 'http://localhost:5173.evil.example', ''])('keep pages of %j out', (origin) => {
		expect(openModeRefusal(call('localhost', origin), onLoopback)).toMatchObject({ code: 'ORIGIN_NOT_ALLOWED', status: 403 });
	});

	it.each(['evil.example', '192.168.1.5', 'gateway.local', 'box', ''])('keep the host %j out, also with a matching origin (DNS rebinding)', (host) => {
		expect(openModeRefusal(call(host), onLoopback)).toMatchObject({ code: 'ORIGIN_NOT_ALLOWED' });
		expect(openModeRefusal(call(host, `http://${host}:3000`), onLoopback)).toMatchObject({ code: 'ORIGIN_NOT_ALLOWED' });
	});

	it.each(['localhost', '192.168.1.5', '[fe80::1]', 'box', 'BOX', 'box.lan', 'gateway.local'])('let the host %s in where the operator opened the network', (host) => {
		expect(openModeRefusal(call(host), onNetwork)).toBeUndefined();
	});

	it.each(['evil.example', 'boxing.example', 'box-evil.example', '192.168.1.5.evil.example'])('keep the host %s out there too: a stranger answers for its name', (host) => {
		expect(openModeRefusal(call(host), onNetwork)).toMatchObject({ code: 'ORIGIN_NOT_ALLOWED' });
	});

	it('keep foreign pages out there too', () => {
		expect(openModeRefusal(call('192.168.1.5', 'http://evil.example'), onNetwork)).toMatchObject({ code: 'ORIGIN_NOT_ALLOWED' });
	});
});
