import { describe, expect, it } from 'vitest';
import { env } from '../env.ts';
import { logger, logRing, setLogLevel } from './logger.ts';
import { cleanFacts, cleanMessage } from './scrub.ts';

const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzaWQiOiJhYmMifQ.c2lnbmF0dXJl';
const own = `lr_${'k'.repeat(43)}`;

/** What the log keeps of a call, as text. */
function written(log: () => void): string {
	const before = logRing.lastId;
	log();
	return JSON.stringify(logRing.after(before));
}

describe('secrets never get into the log', () => {
	it.each([
		['a JWT', `token ${jwt} refused`, jwt],
		['an API key', `key ${own} refused`, own],
		['a key and nothing else', 'sk-proj-abcdefghijklmnop', 'sk-proj-abcdefghijklmnop'],
		['another program\'s API key', 'used sk-proj-abcdefghijklmnop', 'sk-proj-abcdefghijklmnop'],
		['a Bearer header', 'Authorization: Bearer abc.def-123456', 'abc.def-123456'],
		['a Basic header', 'authorization: basic dXNlcjpwYXNz', 'dXNlcjpwYXNz'],
		['a URL with a password', 'GET http://ann:hunter2@host/x', 'hunter2'],
		['a form', 'username=ann&password=hunter22&x=1', 'hunter22'],
		['JSON', '{"username":"ann","password":"hunter22"}', 'hunter22'],
		['a cookie', 'cookie: access_token=abcdefgh', 'abcdefgh'],
		['a query', '/trpc?connectionParams=1&apiKey=abcdefgh12', 'abcdefgh12']
	])('in a message: %s', (_what, message, secret) => {
		expect(written(() => logger('test').warn(message))).not.toContain(secret);
		expect(written(() => logger('test').warn({ nested: [{ text: message }] }, 'x'))).not.toContain(secret);
		expect(written(() => logger('test').error({ err: new Error(message, { cause: new Error(message) }) }, 'x'))).not.toContain(secret);
	});

	it.each(['password', 'newPassword', 'passwordHash', 'token', 'accessToken', 'csrfToken', 'access_token', 'authorization', 'Authorization', 'cookie', 'set-cookie', 'apiKey', 'key', 'secret', 'jwtSecret'])('as the member %s, at any depth', (name) => {
		for (const facts of [{ [name]: 'plain' }, { a: { b: [{ [name]: 'plain' }] } }, { [name]: ['plain'] }, { [name]: { value: 'plain' } }])
			expect(written(() => logger('test').info(facts, 'x'))).not.toContain('plain');
	});

	it('as what the environment gave', () => {
		const settings = env();
		const before = settings.adminPassword;
		settings.adminPassword = 'correct horse battery';
		try {
			expect(cleanMessage('refused "correct horse battery" for ann')).toBe('refused "[hidden]" for ann');
		} finally {
			settings.adminPassword = before;
		}
	});

	it('and ordinary words and counts stay', () => {
		const text = 'GET /api/models 200, first token: 182 ms, 41 tokens, key 4';
		expect(cleanMessage(text)).toBe(text);
		expect(cleanFacts({ tokens: 5, promptTokens: 7, model: 'm', maxTokens: null, token: 3 })).toEqual({ tokens: 5, promptTokens: 7, model: 'm', maxTokens: null, token: 3 });
	});
});

describe('nothing forges a line', () => {
	it.each([
		['a new line', 'a\nb', 'a\\nb'],
		['a return', 'a\r\nb', 'a\\r\\nb'],
		['ANSI', '\u001b[31mred\u001b[0m', '\\u001b[31mred\\u001b[0m'],
		['ANSI in one character', '\u009b31m', '\\u009b31m'],
		['line separators of Unicode', 'a\u2028b\u2029', 'a\\u2028b\\u2029'],
		['letters that turn the direction', '\u202efdp', '\\u202efdp'],
		['NUL and delete', '\u0000\u007f', '\\u0000\\u007f']
	])('%s', (_what, text, shown) => {
		expect(cleanMessage(text)).toBe(shown);
		expect(cleanFacts({ [text]: { text } })).toEqual({ [shown]: { text: shown } });
	});

	it('and a stack stays readable, each line by itself', () => {
		const { err } = cleanFacts({ err: new Error('broken\nforged') }) as { err: { message: string; stack: string[] } };
		expect(err.message).toBe('broken\\nforged');
		expect(err.stack.length).toBeGreaterThan(2);
		expect(err.stack.join('')).not.toContain('\n');
	});
});

describe('a line is bounded', () => {
	it('in length, width and depth', () => {
		expect(cleanMessage('x'.repeat(100_000)).length).toBeLessThan(4100);
		let deep: Record<string, unknown> = { end: true };
		for (let i = 0; i < 100; i++) deep = { deep };
		const line = written(() => logger('test').info({ deep, wide: Array(10_000).fill('y'.repeat(10)), cycle: deep }, 'x'));
		expect(line.length).toBeLessThan(3000);
	});

	it('and what refers to itself ends', () => {
		const self: Record<string, unknown> = {};
		self.self = self;
		expect(written(() => logger('test').info(self, 'x'))).toContain('…');
	});
});

describe('the level', () => {
	it('holds for loggers that were made before', () => {
		const early = logger('early');
		try {
			setLogLevel('error');
			expect(written(() => early.warn('not this'))).toBe('[]');
			setLogLevel('debug');
			expect(written(() => early.debug('but this'))).toContain('but this');
			setLogLevel('silent');
			expect(written(() => early.fatal('nor this'))).toBe('[]');
		} finally {
			setLogLevel('info');
		}
	});
});
