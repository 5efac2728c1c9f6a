import { expect, it } from 'vitest';
import { soakUpstreamTwins, twinsHeld } from '../support/upstream-twins.ts';

it('while one of two upstream twins dies at random, no chat is answered twice or mixed, and none that had not begun fails', async () => {
	const report = await soakUpstreamTwins(50, 5);
	expect(report.faults).toEqual([]);
	expect(report.outcomes['failed before it had begun']).toBe(0);
	expect(twinsHeld(report), JSON.stringify(report)).toBe(true);
});
