import { expect, it } from 'vitest';
import { watchLiveClients } from '../../support/live-clients.ts';

it('50 clients each get every status frame, and one that stops reading is dropped within 30 s and holds up nobody', async () => {
	const { frames, stalledGoneAfter } = await watchLiveClients(50, 8);
	expect(frames).toEqual({ least: 4, most: 4, expected: 4 });
	expect(stalledGoneAfter).toBeLessThan(30);
}, 90_000);
