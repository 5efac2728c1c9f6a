/** The last `capacity` rows, each with a rising id; reading from an id gives what came after it. */
export class Ring<T> {
	#rows: { id: number; row: T }[] = [];
	#next = 1;
	#start = 0;
	readonly capacity: number;

	constructor(capacity: number) {
		this.capacity = capacity;
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

	/** The id of the newest row; 0 when there is none yet. */
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
}
