import { describe, expect, it } from 'vitest';
import { events } from './events.ts';
import { Ring } from './ring.ts';

const rows = (entries: { id: number; row: number }[]) => entries.map(({ id, row }) => [id, row]);

describe('a ring', () => {
	it('keeps the newest rows under rising ids', () => {
		const ring = new Ring<number>(3);
		for (let i = 10; i < 15; i++) ring.push(i);
		expect(ring.lastId).toBe(5);
		expect(rows(ring.after(0))).toEqual([[3, 12], [4, 13], [5, 14]]);
		expect(rows(ring.after(4))).toEqual([[5, 14]]);
		expect(rows(ring.after(5))).toEqual([]);
		expect(rows(ring.last(2))).toEqual([[4, 13], [5, 14]]);
	});

	it('begins where it is told to', () => {
		const ring = new Ring<number>(3, 1000);
		expect([ring.lastId, ring.push(1), ring.lastId]).toEqual([999, 1000, 1000]);
		expect(rows(ring.after(3))).toEqual([[1000, 1]]);
	});

	it('is followed from what there is to what comes, without a row lost or told twice', async () => {
		const ring = new Ring<number>(5000);
		const stop = new AbortController();
		const push = (n: number) => {
			ring.push(n);
			events.emit('monitoring:sampled', {});
		};
		for (let n = 1; n <= 1000; n++) push(n);
		const told: number[] = [];
		for await (const { row } of ring.follow('monitoring:sampled', 500, stop.signal)) {
			told.push(row);
			if (row < 1500) push(ring.lastId + 1);
			else if (row === 1500) stop.abort();
		}
		expect(told).toEqual(Array.from({ length: 1000 }, (_, i) => 501 + i));
	});

	it('takes an id from the future for none: a clock was set back', async () => {
		const ring = new Ring<number>(5);
		ring.push(7);
		for await (const { row } of ring.follow('monitoring:sampled', 10 ** 15, new AbortController().signal)) {
			expect(row).toBe(7);
			break;
		}
	});
});
