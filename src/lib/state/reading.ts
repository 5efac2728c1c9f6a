import { failureOf, type Failure } from './failure.ts';

/**
 * Asks once and takes the answer, unless it is left before: the body of an `$effect`, which leaves before it asks anew.
 * @param restMs milliseconds before it asks, in which it may be left unasked; `ask` is then no part of the effect
 * @returns leaves
 */
export function reading<T>(ask: (signal: AbortSignal) => Promise<T>, take: (answer: T) => void, failed: (failure: Failure) => void = () => undefined, restMs?: number): () => void {
	const left = new AbortController();
	const { signal } = left;
	const start = () => void ask(signal).then((answer) => signal.aborted || take(answer), (thrown: unknown) => signal.aborted || failed(failureOf(thrown)));
	const timer = restMs === undefined ? undefined : setTimeout(start, restMs);
	if (restMs === undefined) start();
	return () => {
		clearTimeout(timer);
		left.abort();
	};
}
