import { expect, it } from 'vitest';
import { createRandom } from '../support/gguf/random.ts';
import { killNine } from '../support/soak/kill-nine.ts';

it('a server killed at random moments during chats has everything it acknowledged, and starts again (10 of 200: npm run soak kill-nine)', async () => {
	const report = await killNine(10, createRandom(9, 'kill-nine'));
	expect(report.lost).toEqual([]);
	expect(report.kills).toBe(10);
	expect(report.replies).toBeGreaterThan(10);
	expect(report.cut).toBeGreaterThan(10);
}, 120_000);
