import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BootError, readEnv, settingNames } from './env.ts';

const root = resolve(import.meta.dirname, '../../..');

describe('the settings', () => {
	it('are the documented defaults when nothing or empty values are given', () => {
		const nothing = readEnv({}, root);
		expect(nothing).toMatchObject({ host: '127.0.0.1', port: 3000, apiAccess: 'auto', rateLimits: { user: 60, ip: 100, login: 5 }, trustProxy: 0, engineIsolation: 'process' });
		expect(readEnv({ PORT: '', ADMIN_PASSWORD: '', MODELS_DIR: '' }, root)).toEqual(nothing);
	});

	it.each([
		['PORT', 'eighty'],
		['PORT', '70000'],
		['API_ACCESS', 'maybe'],
		['LM_STUDIO_URL', 'file:///etc/passwd'],
		['JWT_SECRET', 'short'],
		['CORS_ORIGINS', 'https://example.org/path'],
		['TRUST_PROXY', '-1'],
		['ENGINE_ISOLATION', 'thread']
	])('stop the start with a message that names %s when it is %s', (name, value) => {
		expect(() => readEnv({ [name]: value }, root)).toThrow(BootError);
		expect(() => readEnv({ [name]: value }, root)).toThrow(name);
	});

	it('names every wrong one at once', () => {
		expect(() => readEnv({ PORT: 'x', TRUST_PROXY: 'y' }, root)).toThrow(/PORT.*TRUST_PROXY/);
	});

	it('are all in .env.example, with the defaults that hold', () => {
		const example = readFileSync(resolve(root, '.env.example'), 'utf8');
		const listed = Object.fromEntries([...example.matchAll(/^([A-Z_]+)=(.*)$/gm)].map((match) => [match[1]!, match[2]!]));
		expect(Object.keys(listed)).toEqual(settingNames);
		expect(readEnv(listed, root)).toEqual(readEnv({}, root));
	});
});
