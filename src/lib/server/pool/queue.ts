import type { Priority } from './model-spec.ts';

export type QueueEntry = {
	readonly user: string;
	readonly priority: Priority;
	/** share units this entry uses up, ≥ 1 */
	readonly cost: number;
	/** milliseconds, on the clock that `next` is asked with */
	readonly since: number;
};

type Flow<T> = { user: string; deficit: number; entries: T[] };

/** Deficit round-robin over users: in each round a user may use up `quantum` units, unused ones are kept while it waits. */
class Rotation<T extends QueueEntry> {
	#flows: Flow<T>[] = [];
	#cursor = 0;
	/** whether the user under the cursor got its quantum in this round */
	#served = false;
	size = 0;

	add(entry: T, first: boolean): void {
		let flow = this.#flows.find((f) => f.user === entry.user);
		// A new user joins behind the cursor, so that it is the last of this round.
		if (!flow) {
			this.#flows.splice(this.#cursor, 0, (flow = { user: entry.user, deficit: 0, entries: [] }));
			if (this.#flows.length > 1) this.#cursor = (this.#cursor + 1) % this.#flows.length;
		}
		if (first) flow.entries.unshift(entry);
		else flow.entries.push(entry);
		this.size++;
	}

	remove(entry: T): boolean {
		const flow = this.#flows.find((f) => f.user === entry.user);
		const at = flow?.entries.indexOf(entry) ?? -1;
		if (!flow || at < 0) return false;
		flow.entries.splice(at, 1);
		this.size--;
		this.#dropIfEmpty(flow);
		return true;
	}

	/** Users who run the least go first; among equals the rotation decides. */
	take(running: ReadonlyMap<string, number>): T | undefined {
		if (this.size === 0) return undefined;
		const least = Math.min(...this.#flows.map((flow) => running.get(flow.user) ?? 0));
		for (;;) {
			const flow = this.#flows[this.#cursor]!;
			if ((running.get(flow.user) ?? 0) === least) {
				if (!this.#served) {
					flow.deficit += quantum;
					this.#served = true;
				}
				const head = flow.entries[0]!;
				if (flow.deficit >= head.cost) {
					flow.deficit -= head.cost;
					flow.entries.shift();
					this.size--;
					this.#dropIfEmpty(flow);
					return head;
				}
			}
			this.#advance();
		}
	}

	countOf(user: string): number {
		return this.#flows.find((f) => f.user === user)?.entries.length ?? 0;
	}

	oldest(): number | undefined {
		return this.size === 0 ? undefined : Math.min(...this.#flows.map((flow) => flow.entries[0]!.since));
	}

	entries(): T[] {
		return this.#flows.flatMap((flow) => flow.entries);
	}

	clone(): Rotation<T> {
		const copy = new Rotation<T>();
		copy.#flows = this.#flows.map((flow) => ({ ...flow, entries: [...flow.entries] }));
		copy.#cursor = this.#cursor;
		copy.#served = this.#served;
		copy.size = this.size;
		return copy;
	}

	#advance(): void {
		this.#cursor = (this.#cursor + 1) % this.#flows.length;
		this.#served = false;
	}

	#dropIfEmpty(flow: Flow<T>): void {
		if (flow.entries.length > 0) return;
		const at = this.#flows.indexOf(flow);
		this.#flows.splice(at, 1);
		if (at < this.#cursor) this.#cursor--;
		else if (at === this.#cursor) this.#served = false;
		if (this.#cursor >= this.#flows.length) this.#cursor = 0;
	}
}

const quantum = 1;
/** A waiting batch entry that is older than its bound gets one grant in this many. */
const batchTurn = 4;

export type QueueLimits = {
	/** entries in all */
	total: number;
	/** entries of one user */
	perUser: number;
	/** milliseconds after which a batch entry no longer yields to every interactive one */
	batchAgeMs: number;
};

/**
 * The waiting line of one model: bounded, fair between users, first come first served within one, interactive before batch.
 * It holds no timer and no clock, so what it decides can be replayed.
 */
export class FairQueue<T extends QueueEntry> {
	readonly limits: QueueLimits;
	#interactive = new Rotation<T>();
	#batch = new Rotation<T>();
	#sinceBatch = 0;

	constructor(limits: QueueLimits) {
		this.limits = limits;
	}

	get size(): number {
		return this.#interactive.size + this.#batch.size;
	}

	/** When the entry that waits longest came; undefined when nobody waits. */
	get oldest(): number | undefined {
		const [a, b] = [this.#interactive.oldest(), this.#batch.oldest()];
		return a === undefined ? b : b === undefined ? a : Math.min(a, b);
	}

	/** Which bound keeps this user from waiting here. */
	fullFor(user: string): 'total' | 'user' | undefined {
		if (this.size >= this.limits.total) return 'total';
		if (this.#interactive.countOf(user) + this.#batch.countOf(user) >= this.limits.perUser) return 'user';
		return undefined;
	}

	add(entry: T): void {
		this.#lineOf(entry).add(entry, false);
	}

	/** Puts an entry that had been taken before its user's others; bounds don't apply. */
	putBack(entry: T): void {
		this.#lineOf(entry).add(entry, true);
	}

	remove(entry: T): boolean {
		return this.#lineOf(entry).remove(entry);
	}

	/**
	 * Takes who is next.
	 * @param running slots in use, by user: who holds fewer goes first
	 */
	next(running: ReadonlyMap<string, number>, now: number): T | undefined {
		const oldestBatch = this.#batch.oldest();
		const batchIsDue = oldestBatch !== undefined && now - oldestBatch >= this.limits.batchAgeMs && this.#sinceBatch >= batchTurn - 1;
		const fromBatch = this.#interactive.size === 0 || batchIsDue;
		this.#sinceBatch = fromBatch ? 0 : this.#sinceBatch + 1;
		return (fromBatch ? this.#batch : this.#interactive).take(running);
	}

	/** Everyone in the order in which they will be served if nothing changes. */
	order(running: ReadonlyMap<string, number>, now: number): T[] {
		const copy = new FairQueue<T>(this.limits);
		copy.#interactive = this.#interactive.clone();
		copy.#batch = this.#batch.clone();
		copy.#sinceBatch = this.#sinceBatch;
		const order: T[] = [];
		const counts = new Map(running);
		for (let entry = copy.next(counts, now); entry; entry = copy.next(counts, now)) {
			order.push(entry);
			counts.set(entry.user, (counts.get(entry.user) ?? 0) + 1);
		}
		return order;
	}

	entries(): T[] {
		return [...this.#interactive.entries(), ...this.#batch.entries()];
	}

	#lineOf(entry: T): Rotation<T> {
		return entry.priority === 'batch' ? this.#batch : this.#interactive;
	}
}
