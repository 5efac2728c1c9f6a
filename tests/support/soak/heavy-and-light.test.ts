import { afterEach, expect, it } from 'vitest';
import { ask, openPool, type OpenPool } from '../pool/open-pool.ts';
import { heavyAndLight, jainIndex, sharesOf } from './heavy-and-light.ts';

let opened: OpenPool;
afterEach(() => opened.close());

it('nine light users beside one with fifty requests get the same share, and none waits for more than a round of the others', async () => {
	opened = openPool();
	const { pool, endless, events } = opened;
	const [users, slots] = [10, 4];
	const spec = endless('model', {}, { contextLength: 512, slots });
	await pool.load(spec, new AbortController().signal);
	const served = await heavyAndLight({ heavy: 50, light: users - 1, pause: async () => undefined }, async (user) => {
		for await (const event of pool.stream(spec, ask({ user: `user${user}`, maxTokens: 4 }), new AbortController().signal)) void event;
		return { firstMs: 0, serviceMs: 0 };
	});
	expect(jainIndex(sharesOf(served, users, slots))).toBeGreaterThanOrEqual(0.9);

	const line = events.flatMap((event) => (event.type === 'queued' || event.type === 'granted' ? [event] : []));
	const overtaken = line.flatMap((event, at) => {
		if (event.type !== 'queued' || event.user === 'user0') return [];
		return line.slice(at).filter((later) => later.type === 'granted').findIndex((later) => later.user === event.user);
	});
	expect(overtaken.length).toBeGreaterThan(50); // they did wait
	expect(Math.max(...overtaken)).toBeLessThan(users);
});
