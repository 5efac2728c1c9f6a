import { describe, expect, it } from 'vitest';
import type { Priority } from './model-spec.ts';
import { FairQueue, type QueueEntry } from './queue.ts';

type Entry = QueueEntry & { name: string };

const limits = { total: 100, perUser: 60, batchAgeMs: 1000 };
const entry = (name: string, options: Partial<QueueEntry> = {}): Entry => ({ name, user: name.replace(/\d+$/, ''), priority: 'interactive' as Priority, cost: 1, since: 0, ...options });

function queueOf(...entries: Entry[]): FairQueue<Entry> {
	const queue = new FairQueue<Entry>(limits);
	for (const each of entries) queue.add(each);
	return queue;
}

/** Names in the order in which they are taken, one slot free at a time. */
function drain(queue: FairQueue<Entry>, now = 0): string[] {
	const names: string[] = [];
	for (let next = queue.next(new Map(), now); next; next = queue.next(new Map(), now)) names.push(next.name);
	return names;
}

describe('the waiting line', () => {
	it('serves one user in the order of arrival', () => {
		expect(drain(queueOf(entry('a1'), entry('a2'), entry('a3')))).toEqual(['a1', 'a2', 'a3']);
	});

	it('takes turns between users, whoever brought more', () => {
		expect(drain(queueOf(entry('a1'), entry('a2'), entry('a3'), entry('b1'), entry('c1'), entry('c2')))).toEqual(['a1', 'b1', 'c1', 'a2', 'c2', 'a3']);
	});

	it('puts a user who comes during a round at its end', () => {
		const queue = queueOf(entry('a1'), entry('a2'), entry('b1'), entry('b2'));
		expect(queue.next(new Map(), 0)?.name).toBe('a1');
		queue.add(entry('c1'));
		expect(drain(queue)).toEqual(['b1', 'c1', 'a2', 'b2']);
	});

	it('gives equal shares of work, not of requests', () => {
		const long = Array.from({ length: 4 }, (_, i) => entry(`a${i}`, { cost: 4 }));
		const short = Array.from({ length: 16 }, (_, i) => entry(`b${i}`));
		const order = drain(queueOf(...long, ...short));
		for (const upTo of [8, 12, 16]) {
			const served = order.slice(0, upTo);
			const work = { a: served.filter((name) => name.startsWith('a')).length * 4, b: served.filter((name) => name.startsWith('b')).length };
			expect(Math.abs(work.a - work.b)).toBeLessThanOrEqual(4);
		}
	});

	it('prefers who holds fewer slots, so one user cannot take them all while others wait', () => {
		const queue = queueOf(entry('a1'), entry('a2'), entry('b1'));
		expect(queue.next(new Map([['a', 3]]), 0)?.name).toBe('b1');
		expect(queue.next(new Map([['a', 3], ['b', 1]]), 0)?.name).toBe('a1');
	});

	it('keeps light users from waiting behind a heavy one', () => {
		const heavy = Array.from({ length: 50 }, (_, i) => entry(`heavy${i}`));
		const light = Array.from({ length: 9 }, (_, i) => entry(`light${'abcdefghi'[i]}`));
		const order = drain(queueOf(...heavy, ...light));
		expect(order.slice(0, 10).filter((name) => name.startsWith('light'))).toHaveLength(9);
	});

	it('serves interactive requests before batch ones', () => {
		expect(drain(queueOf(entry('a1', { priority: 'batch' }), entry('b1'), entry('b2')))).toEqual(['b1', 'b2', 'a1']);
	});

	it('lets an old batch request pass every fourth time, so it does not starve', () => {
		const crowd = Array.from({ length: 8 }, (_, i) => entry(`b${i}`));
		const order = drain(queueOf(entry('a1', { priority: 'batch' }), entry('a2', { priority: 'batch' }), ...crowd), limits.batchAgeMs);
		expect(order).toEqual(['b0', 'b1', 'b2', 'a1', 'b3', 'b4', 'b5', 'a2', 'b6', 'b7']);
	});

	it('says in advance in which order it will serve', () => {
		const entries = ['a1', 'a2', 'b1', 'c1', 'c2', 'b2'].map((name, i) => entry(name, { cost: 1 + (i % 3) }));
		const queue = queueOf(...entries);
		const running = new Map<string, number>();
		const predicted = queue.order(running, 0).map(({ name }) => name);
		const served: string[] = [];
		for (let next = queue.next(running, 0); next; next = queue.next(running, 0)) {
			served.push(next.name);
			running.set(next.user, (running.get(next.user) ?? 0) + 1);
		}
		expect(predicted).toEqual(served);
		expect(queue.size).toBe(0);
	});

	it('forgets who leaves', () => {
		const [first, second, other] = [entry('a1'), entry('a2'), entry('b1')];
		const queue = queueOf(first, second, other);
		expect(queue.remove(first)).toBe(true);
		expect(queue.remove(first)).toBe(false);
		expect(drain(queue)).toEqual(['a2', 'b1']);
	});

	it('gives a request that was put back its place at the head of its user', () => {
		const queue = queueOf(entry('a1'), entry('a2'));
		const taken = queue.next(new Map(), 0)!;
		queue.putBack(taken);
		expect(drain(queue)).toEqual(['a1', 'a2']);
	});

	it('is bounded in all and for each user', () => {
		const queue = new FairQueue<Entry>({ total: 3, perUser: 2, batchAgeMs: 0 });
		queue.add(entry('a1'));
		queue.add(entry('a2', { priority: 'batch' }));
		expect(queue.fullFor('a')).toBe('user');
		expect(queue.fullFor('b')).toBeUndefined();
		queue.add(entry('b1'));
		expect(queue.fullFor('c')).toBe('total');
	});

	it('knows since when the oldest waits', () => {
		const queue = queueOf(entry('a1', { since: 5 }), entry('b1', { since: 3, priority: 'batch' }));
		expect(queue.oldest).toBe(3);
		drain(queue);
		expect(queue.oldest).toBeUndefined();
	});

	it('loses and doubles nobody, whatever the order of arrivals, leavings and grants', () => {
		let state = 7;
		const random = (below: number): number => (state = (state * 1103515245 + 12345) % 2 ** 31) % below;
		const queue = new FairQueue<Entry>({ ...limits, total: Infinity, perUser: Infinity });
		const inside = new Set<Entry>();
		const running = new Map<string, number>();
		for (let step = 0; step < 5000; step++) {
			const act = random(10);
			if (act < 5) {
				const added = entry(`${'abcdef'[random(6)]}${step}`, { cost: 1 + random(5), priority: random(4) === 0 ? 'batch' : 'interactive', since: step });
				queue.add(added);
				inside.add(added);
			} else if (act < 7 && inside.size > 0) {
				const gone = [...inside][random(inside.size)]!;
				expect(queue.remove(gone)).toBe(true);
				inside.delete(gone);
			} else {
				const next = queue.next(running, step);
				expect(next === undefined).toBe(inside.size === 0);
				if (!next) continue;
				expect(inside.delete(next)).toBe(true);
				running.set(next.user, random(3));
			}
			expect(queue.size).toBe(inside.size);
		}
	});
});
