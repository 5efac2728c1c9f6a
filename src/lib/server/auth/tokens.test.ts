import { createHmac } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { openSecret } from './secret.ts';
import { issueToken, readToken } from './tokens.ts';

const secret = 'a secret of at least thirty-two characters';
const claims = { userId: 'user-1', sessionId: 'session-1' };
const inAnHour = () => new Date(Date.now() + 3_600_000);

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const decode = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
/** A token signed as we sign, with any header and claims. */
function forge(header: object, payload: object, { key = secret, hash = 'sha256' } = {}): string {
	const signed = `${encode(header)}.${encode(payload)}`;
	return `${signed}.${createHmac(hash, key).update(signed).digest('base64url')}`;
}
const now = () => Math.floor(Date.now() / 1000);
const goodHeader = { alg: 'HS256', typ: 'JWT' };
const goodPayload = () => ({ sid: 'session-1', sub: 'user-1', iat: now(), exp: now() + 60 });

beforeAll(() => openSecret(secret, ''));

describe('tokens', () => {
	it('say what they were issued for', async () => {
		expect(await readToken(await issueToken(claims, inAnHour()))).toEqual(claims);
	});

	it('are JWTs that hold no more than ids and times', async () => {
		const [header, payload] = (await issueToken(claims, inAnHour())).split('.').map((part, index) => (index < 2 ? decode(part) : {}));
		expect(header).toEqual(goodHeader);
		expect(payload).toEqual({ sid: 'session-1', sub: 'user-1', iat: expect.any(Number), exp: expect.any(Number) });
	});

	it('can be checked by whoever set the secret', async () => {
		expect(await readToken(forge(goodHeader, goodPayload()))).toEqual(claims);
	});
});

describe('token forgery', () => {
	const unsigned = (header: object) => `${encode(header)}.${encode(goodPayload())}.`;

	it.each([
		['alg none', () => unsigned({ alg: 'none', typ: 'JWT' })],
		['alg None', () => unsigned({ alg: 'None', typ: 'JWT' })],
		['no signature', () => unsigned(goodHeader)],
		['another algorithm with our secret', () => forge({ alg: 'HS512', typ: 'JWT' }, goodPayload(), { hash: 'sha512' })],
		['another secret', () => forge(goodHeader, goodPayload(), { key: 'another secret of thirty-two characters!' })],
		['an empty secret', () => forge(goodHeader, goodPayload(), { key: '' })],
		['another type', () => forge({ alg: 'HS256', typ: 'at+jwt' }, goodPayload())],
		['an unknown critical header', () => forge({ ...goodHeader, crit: ['x'], x: 1 }, goodPayload())],
		['no end', () => forge(goodHeader, { ...goodPayload(), exp: undefined })],
		['an end that has passed', () => forge(goodHeader, { ...goodPayload(), exp: now() - 1 })],
		['no session', () => forge(goodHeader, { ...goodPayload(), sid: undefined })],
		['no user', () => forge(goodHeader, { ...goodPayload(), sub: undefined })],
		['nothing', () => ''],
		['two dots', () => '..'],
		['a session id alone', () => 'session-1']
	])('%s is refused', async (_what, make) => {
		expect(await readToken(make())).toBeUndefined();
	});

	it('swapped claims under a good signature are refused', async () => {
		const mine = (await issueToken(claims, inAnHour())).split('.');
		const other = (await issueToken({ userId: 'user-2', sessionId: 'session-2' }, inAnHour())).split('.');
		expect(await readToken([mine[0], other[1], mine[2]].join('.'))).toBeUndefined();
	});

	it('a signature cut anywhere is refused', async () => {
		const token = await issueToken(claims, inAnHour());
		const signature = token.lastIndexOf('.') + 1;
		for (let end = signature; end < token.length; end++) expect(await readToken(token.slice(0, end)), `cut at ${end}`).toBeUndefined();
	});
});
