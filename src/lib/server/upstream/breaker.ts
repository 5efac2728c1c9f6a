const failuresToOpen = 3;
const restMs = { first: 1000, longest: 30_000 };

/**
 * A circuit breaker: after three failures in a row nothing is sent for a while, twice as long each time. Then it is
 * half-open: requests come here only when nobody else can take them, and one that succeeds closes it. Times are
 * milliseconds of a clock that only rises.
 */
export class Breaker {
	#failures = 0;
	#restMs = restMs.first;
	#openUntil = 0;
	readonly #now: () => number;

	constructor(now: () => number = () => performance.now()) {
		this.#now = now;
	}

	get state(): 'closed' | 'open' | 'half-open' {
		if (this.#failures < failuresToOpen) return 'closed';
		return this.#now() < this.#openUntil ? 'open' : 'half-open';
	}

	succeeded(): void {
		this.#failures = 0;
		this.#restMs = restMs.first;
	}

	failed(): void {
		if (++this.#failures < failuresToOpen) return;
		this.#openUntil = this.#now() + this.#restMs;
		this.#restMs = Math.min(this.#restMs * 2, restMs.longest);
	}

	/** The server answers a probe: it is closed again on trial, where one failure suffices. */
	revived(): void {
		this.#failures = Math.min(this.#failures, failuresToOpen - 1);
	}
}
