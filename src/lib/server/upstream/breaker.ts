const failuresToOpen = 3;
const restMs = { first: 1000, longest: 30_000 };

/**
 * A circuit breaker: after three failures in a row nothing is sent for a while, twice as long each time; then one
 * request tries, and its outcome decides. Times are milliseconds of a clock that only rises.
 */
export class Breaker {
	#failures = 0;
	#restMs = restMs.first;
	#openUntil = 0;
	#trying = false;
	readonly #now: () => number;

	constructor(now: () => number = () => performance.now()) {
		this.#now = now;
	}

	get state(): 'closed' | 'open' | 'half-open' {
		if (this.#failures < failuresToOpen) return 'closed';
		return this.#now() < this.#openUntil || this.#trying ? 'open' : 'half-open';
	}

	/** A request is about to be sent. Half-open: this is the one that tries. */
	sent(): void {
		if (this.state === 'half-open') this.#trying = true;
	}

	succeeded(): void {
		this.#failures = 0;
		this.#restMs = restMs.first;
		this.#trying = false;
	}

	failed(): void {
		this.#trying = false;
		if (++this.#failures < failuresToOpen) return;
		this.#openUntil = this.#now() + this.#restMs;
		this.#restMs = Math.min(this.#restMs * 2, restMs.longest);
	}

	/** The request ended without saying anything of the server, such as by its cancellation. */
	unknown(): void {
		this.#trying = false;
	}

	/** The server answers a probe: a request may try at once. */
	revived(): void {
		this.#openUntil = this.#now();
	}
}
