/**
 * A stream between a producer that pushes and one reader that iterates. What was pushed before `end` or `fail` is read first.
 * It is unbounded on purpose: a slow reader must not hold a slot, and an answer is bounded by its context.
 */
export class Channel<T> implements AsyncIterable<T> {
	#items: T[] = [];
	#closed = false;
	#failure: { error: unknown } | undefined;
	#wake: (() => void) | undefined;

	get closed(): boolean {
		return this.#closed;
	}

	push(item: T): void {
		if (this.#closed) return;
		this.#items.push(item);
		this.#wake?.();
	}

	end(): void {
		this.#closed = true;
		this.#wake?.();
	}

	fail(error: unknown): void {
		if (this.#closed) return;
		this.#failure = { error };
		this.end();
	}

	async *[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
		for (;;) {
			const batch = this.#items.splice(0);
			yield* batch;
			if (batch.length || this.#items.length) continue;
			if (this.#failure) throw this.#failure.error;
			if (this.#closed) return;
			await new Promise<void>((resolve) => (this.#wake = resolve));
		}
	}
}
