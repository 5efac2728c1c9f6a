import { setImmediate as nextTurn } from 'node:timers/promises';
import { changesOf } from './changes.ts';
import type { Events } from './events.ts';

/** Rows after which a long reading lets everything else go on, and the reader take what it has. */
const breathRows = 200;

/** The last `capacity` rows, each with a rising id; reading from an id gives what came after it. */
export class Ring<T> {
	#rows: { id: number; row: T }[] = [];
	#next: number;
	#start = 0;
	readonly capacity: number;

	/** @param firstId the first row's id; from the clock, ids rise over restarts too */
	constructor(capacity: number, firstId = 1) {
		this.capacity = capacity;
		this.#next = firstId;
	}

	push(row: T): number {
		const id = this.#next++;
		if (this.#rows.length < this.capacity) this.#rows.push({ id, row });
		else {
			this.#rows[this.#start] = { id, row };
			this.#start = (this.#start + 1) % this.capacity;
		}
		return id;
	}

	/** The id of the newest row; when there is none yet, the one before the first row's. */
	get lastId(): number {
		return this.#next - 1;
	}

	/** Rows with an id above `id`, oldest first. */
	after(id: number): { id: number; row: T }[] {
		const count = Math.min(this.#rows.length, Math.max(0, this.lastId - id));
		const rows: { id: number; row: T }[] = [];
		for (let i = this.#rows.length - count; i < this.#rows.length; i++) rows.push(this.#rows[(this.#start + i) % this.#rows.length]!);
		return rows;
	}

	/** The newest `count` rows, oldest first. */
	last(count: number): { id: number; row: T }[] {
		return this.after(this.lastId - count);
	}

	/**
	 * Rows after `id`, those there are and then each as it comes; an id from the future means all. `event` says that one came.
	 * Who reads slowly misses what has left the ring meanwhile, and holds nothing but a reading of it.
	 */
	async *follow(event: keyof Events, id: number, signal: AbortSignal): AsyncGenerator<{ id: number; row: T }, void, void> {
		let told = id > this.lastId ? 0 : id;
		for await (const _ of changesOf([event], signal)) {
			for (const [i, entry] of this.after(told).entries()) {
				if (i % breathRows === breathRows - 1) await nextTurn();
				if (signal.aborted) return;
				told = entry.id;
				yield entry;
			}
		}
	}
}
