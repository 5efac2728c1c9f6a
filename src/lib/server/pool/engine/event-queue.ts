/** Events pushed by the scheduler and pulled by one consumer. Bounded by what one sequence can generate. */
export type EventQueue<T> = {
	push(event: T): void;
	/** After what has been pushed: the end, or the error. Later pushes are ignored. */
	end(error?: unknown): void;
	next(): Promise<IteratorResult<T, undefined>>;
};

export function createEventQueue<T>(): EventQueue<T> {
	const events: T[] = [];
	let ended: { error?: unknown } | undefined;
	let wake: (() => void) | undefined;
	return {
		push(event) {
			if (ended) return;
			events.push(event);
			wake?.();
		},
		end(error) {
			ended ??= { error };
			wake?.();
		},
		async next() {
			while (events.length === 0 && !ended) await new Promise<void>((resolve) => (wake = resolve));
			if (events.length > 0) return { done: false, value: events.shift()! };
			if (ended!.error !== undefined) throw ended!.error;
			return { done: true, value: undefined };
		}
	};
}
