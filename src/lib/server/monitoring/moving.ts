/** The middle of what came in the last `windowMs`, of at most the newest `capacity` values. */
export function movingMedian(windowMs: number, capacity = 1000) {
	let values: { at: number; value: number }[] = [];
	return {
		add(value: number, at: number): void {
			values.push({ at, value });
			if (values.length > 2 * capacity) values = values.slice(-capacity);
		},
		/** null: nothing came */
		read(at: number): number | null {
			values = values.slice(-capacity).filter((entry) => entry.at > at - windowMs);
			if (values.length === 0) return null;
			return values.map(({ value }) => value).sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)]!;
		}
	};
}

/** How many came in the last `windowMs`, by steps of `stepMs`; what came in one step is one number, however much it is. */
export function movingCount(windowMs: number, stepMs: number) {
	let steps: { at: number; count: number }[] = [];
	return {
		add(at: number, count = 1): void {
			const last = steps.at(-1);
			if (last && at - last.at < stepMs) last.count += count;
			else steps.push({ at, count });
		},
		read(at: number): number {
			steps = steps.filter((step) => step.at > at - windowMs);
			return steps.reduce((sum, { count }) => sum + count, 0);
		}
	};
}
