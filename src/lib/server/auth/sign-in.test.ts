import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../../tests/support/database.ts';
import { authenticate } from './authenticate.ts';
import { openSecret } from './secret.ts';
import { signIn } from './sign-in.ts';
import { createUser, requireUser, updateUser } from './users.ts';

freshDatabase();
beforeAll(() => openSecret('a secret of at least thirty-two characters', ''));

const about = { userAgent: 'test', ip: '127.0.0.1' };
const password = 'a long password';
let id: string;
beforeEach(async () => {
	id = (await createUser({ username: 'User', password, role: 'user' })).id;
});

describe('signing in', () => {
	it('starts a session of its own, whatever the case of the name', async () => {
		const [one, two] = [await signIn({ username: 'user', password }, about), await signIn({ username: 'USER', password }, about)];
		const who = await Promise.all([one, two].map(({ token }) => authenticate({ bearer: token, cookie: undefined })));
		expect(who.map(({ identity }) => identity?.userId)).toEqual([id, id]);
		expect(who[0]!.identity?.sessionId).not.toBe(who[1]!.identity?.sessionId);
		expect(requireUser(id).lastLoginAt).toBeInstanceOf(Date);
	});

	it('fails alike for a wrong password, an unknown name and a disabled user', async () => {
		const failures = await Promise.all([
			signIn({ username: 'user', password: 'wrong' }, about).catch((error: Error) => error),
			signIn({ username: 'nobody', password }, about).catch((error: Error) => error)
		]);
		await updateUser(id, { disabled: true });
		failures.push(await signIn({ username: 'user', password }, about).catch((error: Error) => error));
		for (const failure of failures) expect(failure).toMatchObject({ code: 'UNAUTHORIZED', message: 'The user name or the password is wrong', errors: [], details: undefined });
	});

	it('fails when the password changes while it is checked', async () => {
		const attempt = signIn({ username: 'user', password }, about);
		const change = updateUser(id, { password: 'another password' });
		const outcome = await attempt.then(({ token }) => token, () => undefined);
		await change;
		if (outcome) await expect(authenticate({ bearer: outcome, cookie: undefined })).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
		await expect(signIn({ username: 'user', password }, about)).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
	});
});
