import { beforeEach, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../../tests/support/database.ts';
import { apiKeys, database } from '../db/index.ts';
import { checkKey, createKey, listKeys, revokeKey } from './keys.ts';
import { createUser, updateUser } from './users.ts';

freshDatabase();

let userId: string;
let otherId: string;
beforeEach(async () => {
	userId = (await createUser({ username: 'user', password: 'a long password', role: 'user' })).id;
	otherId = (await createUser({ username: 'other', password: 'a long password', role: 'user' })).id;
});

describe('API keys', () => {
	it('are shown once and kept as a hash', () => {
		const { key, prefix } = createKey(userId, 'program');
		expect(key).toMatch(/^lr_[\w-]{43}$/);
		expect(key.startsWith(prefix)).toBe(true);
		expect(JSON.stringify(database().select().from(apiKeys).all())).not.toContain(key.slice(prefix.length));
		expect(JSON.stringify(listKeys(userId))).not.toContain(key.slice(prefix.length));
	});

	it('stand for their user, with the role of now', async () => {
		const { key, id } = createKey(userId, 'program');
		expect(checkKey(key)).toEqual({ userId, username: 'user', role: 'user', keyId: id });
		await updateUser(userId, { role: 'admin' });
		expect(checkKey(key)).toMatchObject({ role: 'admin' });
	});

	it('end at once when revoked, by their user alone', () => {
		const { key, id } = createKey(userId, 'program');
		expect(() => revokeKey(otherId, id)).toThrow(/no such API key/);
		expect(checkKey(key)).toBeDefined();
		revokeKey(userId, id);
		expect(checkKey(key)).toBeUndefined();
		expect(listKeys(userId)).toEqual([]);
		expect(() => revokeKey(userId, id)).toThrow(/no such API key/);
	});

	it('note their last use once a minute', () => {
		const { key } = createKey(userId, 'program');
		const lastUsed = () => listKeys(userId)[0]!.lastUsedAt?.getTime() ?? null;
		const start = 1_800_000_000_000;
		expect(lastUsed()).toBeNull();
		checkKey(key, new Date(start));
		checkKey(key, new Date(start + 59_999));
		expect(lastUsed()).toBe(start);
		checkKey(key, new Date(start + 60_000));
		expect(lastUsed()).toBe(start + 60_000);
	});

	it.each(['', 'lr_', 'lr_unknown', "lr_' OR 1=1 --"])('that are none are refused: %j', (key) => {
		expect(checkKey(key)).toBeUndefined();
	});

	it('are a hundred for one user at most, revoked ones not counted', () => {
		for (let index = 0; index < 100; index++) createKey(userId, `key ${index}`);
		expect(() => createKey(userId, 'one more')).toThrow(/100/);
		revokeKey(userId, listKeys(userId)[0]!.id);
		expect(createKey(userId, 'one more').name).toBe('one more');
	});
});
