import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../../tests/support/database.ts';
import { authenticate, credentialsOf } from './authenticate.ts';
import { createKey } from './keys.ts';
import { openSecret } from './secret.ts';
import { openSession } from './sessions.ts';
import { issueToken } from './tokens.ts';
import { createUser, updateUser } from './users.ts';

freshDatabase();
beforeAll(() => openSecret('a secret of at least thirty-two characters', ''));

let userId: string;
let otherId: string;
let sessionId: string;
let token: string;
let key: string;
beforeEach(async () => {
	userId = (await createUser({ username: 'user', password: 'a long password', role: 'user' })).id;
	otherId = (await createUser({ username: 'other', password: 'a long password', role: 'user' })).id;
	const session = await openSession(userId, { userAgent: '', ip: '' });
	sessionId = session.sessionId;
	token = await issueToken({ userId, sessionId }, session.expiresAt);
	key = createKey(otherId, 'program').key;
});

const nobody = { identity: null, by: null };
const refused = { code: 'UNAUTHORIZED', status: 401 };

describe('credentials in headers', () => {
	it.each([
		[{ authorization: 'Bearer abc' }, { bearer: 'abc', cookie: undefined }],
		[{ authorization: 'bearer   abc' }, { bearer: 'abc', cookie: undefined }],
		[{ authorization: 'Bearer' }, { bearer: '', cookie: undefined }],
		[{ authorization: 'Bearer a b' }, { bearer: 'a b', cookie: undefined }],
		[{ authorization: 'Basic abc' }, { bearer: undefined, cookie: undefined }],
		[{ authorization: 'Bearerabc' }, { bearer: undefined, cookie: undefined }],
		[{ apiKey: 'abc' }, { bearer: 'abc', cookie: undefined }],
		[{ authorization: 'Bearer abc', apiKey: 'def' }, { bearer: 'abc', cookie: undefined }],
		[{ cookie: 'a=b; access_token=abc; c=d' }, { bearer: undefined, cookie: 'abc' }],
		[{ cookie: 'access_token=abc; access_token=def' }, { bearer: undefined, cookie: 'abc' }],
		[{ cookie: 'xaccess_token=abc' }, { bearer: undefined, cookie: undefined }],
		[{}, { bearer: undefined, cookie: undefined }]
	])('%j', (headers, credentials) => {
		expect(credentialsOf(headers)).toEqual(credentials);
	});
});

describe('who is calling', () => {
	it('is told by a token, as Bearer or cookie, and by a key as Bearer', async () => {
		const user = { userId, username: 'user', role: 'user', sessionId };
		expect(await authenticate({ bearer: token, cookie: undefined })).toEqual({ identity: user, by: 'bearer' });
		expect(await authenticate({ bearer: undefined, cookie: token })).toEqual({ identity: user, by: 'cookie' });
		expect(await authenticate({ bearer: key, cookie: undefined })).toMatchObject({ identity: { userId: otherId, keyId: expect.any(String) }, by: 'bearer' });
	});

	it('is told by the Bearer where there is a cookie too', async () => {
		expect((await authenticate({ bearer: key, cookie: token })).identity?.username).toBe('other');
	});

	it.each(['', 'nonsense', 'lr_nonsense', 'a b'])('is an error for the Bearer %j, even beside a good cookie', async (bearer) => {
		await expect(authenticate({ bearer, cookie: token })).rejects.toMatchObject(refused);
	});

	it('is nobody without credentials, or with a cookie that says nothing', async () => {
		for (const cookie of [undefined, '', 'nonsense']) expect(await authenticate({ bearer: undefined, cookie })).toEqual(nobody);
	});

	it("is never told by the session's bare id, nor by a key in the cookie", async () => {
		await expect(authenticate({ bearer: sessionId, cookie: undefined })).rejects.toMatchObject(refused);
		expect(await authenticate({ bearer: undefined, cookie: sessionId })).toEqual(nobody);
		expect(await authenticate({ bearer: undefined, cookie: key })).toEqual(nobody);
	});

	it("is never told by a token that names one user and another's session (swapped claims)", async () => {
		const swapped = await issueToken({ userId: otherId, sessionId }, new Date(Date.now() + 60_000));
		await expect(authenticate({ bearer: swapped, cookie: undefined })).rejects.toMatchObject(refused);
	});

	it('is nobody once the user is disabled', async () => {
		await updateUser(userId, { disabled: true });
		await expect(authenticate({ bearer: token, cookie: undefined })).rejects.toMatchObject(refused);
	});
});
