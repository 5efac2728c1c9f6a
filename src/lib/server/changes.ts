import { events, type Events } from './events.ts';

/** Yields at once and again after any of the events, until the signal fires. Several between two readings are one. */
export async function* changesOf(names: (keyof Events)[], signal: AbortSignal): AsyncGenerator<void, void, void> {
	let changed = true;
	let wake = () => {};
	const note = () => {
		changed = true;
		wake();
	};
	const stops = names.map((name) => events.on(name, note));
	signal.addEventListener('abort', note);
	try {
		while (!signal.aborted) {
			if (!changed) await new Promise<void>((resolve) => (wake = resolve));
			if (signal.aborted) return;
			changed = false;
			yield;
		}
	} finally {
		signal.removeEventListener('abort', note);
		for (const stop of stops) stop();
	}
}
