import { describe, expect, it } from 'vitest';
import type { NativeContext } from './native.ts';
import { chooseSlot, commonPrefix, createSlotPool, trimSlot, type Slot } from './slots.ts';

const slot = (id: number, part: Partial<Slot> = {}): Slot => ({ id, tokens: [], cacheKey: undefined, conversation: undefined, lastUsed: 0, busy: false, ...part });
const of = (cacheKey: string | undefined) => ({ cacheKey, conversation: undefined });
const count = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
const never = new AbortController().signal;

describe('chooseSlot', () => {
	it('takes the longest common beginning under the same key', () => {
		const slots = [slot(0, { cacheKey: 'a', tokens: count(0, 40), lastUsed: 3 }), slot(1, { cacheKey: 'a', tokens: count(0, 60), lastUsed: 9 }), slot(2)];
		expect(chooseSlot(slots, count(0, 100), 'a', true)).toEqual({ slot: slots[1], keep: 60 });
	});

	it('never looks at the cache of another key, nor at any without a key', () => {
		const slots = [slot(0, { cacheKey: 'a', tokens: count(0, 60), lastUsed: 1 }), slot(1, { lastUsed: 2, tokens: count(0, 60) })];
		expect(chooseSlot(slots, count(0, 100), 'b', true)).toEqual({ slot: slots[0], keep: 0 });
		expect(chooseSlot(slots, count(0, 100), undefined, true)).toEqual({ slot: slots[0], keep: 0 });
	});

	it('always leaves the last prompt token to decode', () => {
		const slots = [slot(0, { cacheKey: 'a', tokens: count(0, 60) })];
		expect(chooseSlot(slots, count(0, 50), 'a', true)?.keep).toBe(49);
	});

	it('does not give up a long history for a short beginning', () => {
		const slots = [slot(0, { cacheKey: 'a', tokens: count(0, 500), lastUsed: 5 }), slot(1, { lastUsed: 4 })];
		const prompt = [...count(0, 20), ...count(1000, 1400)];
		expect(chooseSlot(slots, prompt, 'a', true)).toEqual({ slot: slots[1], keep: 0 });
	});

	it('takes the least recently used otherwise, the lowest id among equals', () => {
		expect(chooseSlot([slot(0, { lastUsed: 2 }), slot(1, { lastUsed: 1 }), slot(2, { lastUsed: 1 })], [1], 'a', true)?.slot.id).toBe(1);
	});

	it('keeps those that are busy together, and closes a gap between them first', () => {
		const busy = (...ids: number[]) => Array.from({ length: 8 }, (_, id) => slot(id, { busy: ids.includes(id), lastUsed: 8 - id }));
		expect([busy(), busy(3), busy(2, 4), busy(0, 1, 2, 3, 5), busy(7), busy(1, 2, 6)].map((slots) => chooseSlot(slots, [1], 'a', true)?.slot.id)).toEqual([7, 4, 3, 4, 6, 7]);
	});

	it('gives up nobody’s history for a neighbour when it would not come back', () => {
		const slots = [slot(0, { busy: true }), slot(1, { cacheKey: 'b', tokens: count(0, 60), lastUsed: 9 }), slot(2, { cacheKey: 'b', tokens: count(0, 60), lastUsed: 3 }), slot(3)];
		expect(chooseSlot(slots, [1], 'a', false)?.slot.id).toBe(3);
		expect(chooseSlot(slots.slice(0, 3), [1], 'a', false)?.slot.id).toBe(2);
		expect(chooseSlot(slots, [1], 'a', true)?.slot.id).toBe(1);
		slots[1]!.tokens = [];
		expect(chooseSlot(slots, [1], 'a', false)?.slot.id).toBe(1);
	});

	it('still follows a conversation to where it is', () => {
		const slots = [slot(0, { busy: true }), slot(1), slot(2), slot(3, { cacheKey: 'a', tokens: count(0, 60), lastUsed: 9 })];
		expect(chooseSlot(slots, count(0, 100), 'a', true)).toEqual({ slot: slots[3], keep: 60 });
	});

	it('finds none when all are busy', () => {
		expect(chooseSlot([slot(0, { busy: true })], [1], 'a', true)).toBeUndefined();
	});
});

describe('commonPrefix', () => {
	it('counts equal tokens from the start', () => {
		expect([commonPrefix([1, 2, 3], [1, 2, 4]), commonPrefix([], [1]), commonPrefix([1, 2], [1, 2, 3])]).toEqual([2, 0, 2]);
	});
});

describe('trimSlot', () => {
	function context(canRemove: boolean) {
		const calls: unknown[][] = [];
		const native = {
			removeTokenCellsFromSequence: (...args: number[]) => (calls.push(['remove', ...args]), canRemove),
			disposeSequence: (id: number) => calls.push(['clear', id])
		} as unknown as NativeContext;
		return { native, calls };
	}

	it('erases what follows the common beginning', () => {
		const { native, calls } = context(true);
		const used = slot(3, { tokens: count(0, 10) });
		expect(trimSlot(native, { slot: used, keep: 4 }, true)).toBe(4);
		expect({ calls, tokens: used.tokens }).toEqual({ calls: [['remove', 3, 4, -1]], tokens: [0, 1, 2, 3] });
	});

	it('keeps a pure append untouched, even where nothing can be erased', () => {
		const { native, calls } = context(false);
		expect(trimSlot(native, { slot: slot(0, { tokens: count(0, 10) }), keep: 10 }, false)).toBe(10);
		expect(calls).toEqual([]);
	});

	for (const [why, canForget] of [['the model says so', false], ['llama.cpp refuses', true]] as const) {
		it(`clears the slot when a part can't be erased: ${why}`, () => {
			const { native, calls } = context(false);
			const used = slot(1, { tokens: count(0, 10) });
			expect(trimSlot(native, { slot: used, keep: 4 }, canForget)).toBe(0);
			expect({ last: calls.at(-1), tokens: used.tokens }).toEqual({ last: ['clear', 1], tokens: [] });
		});
	}
});

describe('createSlotPool', () => {
	it('hands a slot to the one who waited first', async () => {
		const pool = createSlotPool(1, true);
		const first = await pool.take([1], of('a'), never);
		const order: string[] = [];
		const second = pool.take([1], of('b'), never).then((choice) => (order.push('second'), choice));
		const third = pool.take([1], of('c'), never).then((choice) => (order.push('third'), choice));
		pool.giveBack(first!.slot);
		expect((await second)?.slot.cacheKey).toBe('b');
		pool.giveBack((await second)!.slot);
		await third;
		expect(order).toEqual(['second', 'third']);
	});

	it('lets a waiting one leave without costing the next its turn', async () => {
		const pool = createSlotPool(1, true);
		const first = await pool.take([1], of(undefined), never);
		const leaving = new AbortController();
		const left = pool.take([1], of(undefined), leaving.signal);
		const next = pool.take([1], of(undefined), never);
		leaving.abort();
		expect(await left).toBeUndefined();
		pool.giveBack(first!.slot);
		expect((await next)?.slot.id).toBe(0);
	});

	it('gives nothing to one who has left already', async () => {
		expect(await createSlotPool(1, true).take([1], of(undefined), AbortSignal.abort())).toBeUndefined();
	});
});
