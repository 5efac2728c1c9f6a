const windowMs = 5000;

/** How fast bytes come, over the last seconds. Times are milliseconds of a clock that only rises. */
export class Speed {
	#samples: { at: number; bytes: number }[] = [];

	/** @param bytes in all so far; fewer than before begins anew */
	note(bytes: number, now = performance.now()): void {
		const last = this.#samples.at(-1);
		if (last && bytes < last.bytes) this.#samples = [];
		else if (last && now - last.at < 100) return;
		this.#samples.push({ at: now, bytes });
		while (this.#samples.length > 2 && now - this.#samples[0]!.at > windowMs) this.#samples.shift();
	}

	/** Null until there is something to tell it by. */
	bytesPerSecond(now = performance.now()): number | null {
		const [first, last] = [this.#samples[0], this.#samples.at(-1)];
		if (!first || !last || last.at - first.at < 200) return null;
		if (now - last.at > windowMs) return 0;
		return ((last.bytes - first.bytes) / (Math.max(last.at, now - 1000) - first.at)) * 1000;
	}

	reset(): void {
		this.#samples = [];
	}
}
