import { describe, expect, it } from 'vitest';
import { hashPassword, verifyPassword } from './passwords.ts';

/** Milliseconds of processor time, all threads, that the check took: unlike the clock it does not wait for others. */
async function workOf(run: () => Promise<unknown>): Promise<number> {
	const before = process.cpuUsage();
	await run();
	const { user, system } = process.cpuUsage(before);
	return (user + system) / 1000;
}

const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

describe('passwords', () => {
	it('are kept as argon2id with their cost written out, never twice the same', async () => {
		const [first, second] = await Promise.all([hashPassword('a password'), hashPassword('a password')]);
		expect(first).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
		expect(second).not.toBe(first);
	});

	it('are right or wrong', async () => {
		const hash = await hashPassword('a password');
		expect(await verifyPassword(hash, 'a password')).toBe(true);
		expect(await verifyPassword(hash, 'A password')).toBe(false);
		expect(await verifyPassword(hash, '')).toBe(false);
	});

	it('are the same in every normal form of Unicode', async () => {
		expect(await verifyPassword(await hashPassword('caf\u00e9 cr\u00e8me'), 'cafe\u0301 cre\u0300me')).toBe(true);
	});

	it('are never right without a hash, also the one that stands in for it', async () => {
		expect(await verifyPassword(undefined, 'nobody has this password')).toBe(false);
	});

	it('cost a check the same work for an unknown user as for a wrong password', async () => {
		const hash = await hashPassword('a password');
		await verifyPassword(undefined, 'warm up');
		const wrong: number[] = [];
		const unknown: number[] = [];
		for (let round = 0; round < 7; round++) {
			wrong.push(await workOf(() => verifyPassword(hash, 'wrong')));
			unknown.push(await workOf(() => verifyPassword(undefined, 'wrong')));
		}
		const ratio = median(unknown) / median(wrong);
		expect(ratio).toBeGreaterThan(0.5);
		expect(ratio).toBeLessThan(2);
	});
});
