import { singleton } from './singleton.ts';

/** Something that starts with the server and stops with it. */
export type Part = { name: string; start?: () => void | Promise<void>; stop?: () => void | Promise<void> };

const state = singleton('lifecycle', () => ({ started: [] as Part[], stopping: undefined as Promise<void> | undefined, controller: new AbortController() }));

/** Fires when the server begins to stop; every long-lived stream joins it, since an open one would hold the exit for 30 s. */
export const shutdownSignal = (): AbortSignal => state.controller.signal;

/** Starts the parts in order. When one fails, those already started are stopped and the failure is thrown. */
export async function startAll(parts: Part[]): Promise<void> {
	for (const part of parts) {
		try {
			await part.start?.();
			state.started.push(part);
		} catch (error) {
			await stopAll();
			throw error;
		}
	}
}

/** Stops what was started, last first, each within `limitMs`; a part that hangs or fails does not keep the others. Idempotent. */
export function stopAll(limitMs = 4000): Promise<void> {
	state.controller.abort();
	state.stopping ??= (async () => {
		for (const part of state.started.splice(0).reverse()) {
			let timer: NodeJS.Timeout | undefined;
			const limit = new Promise<void>((resolve) => (timer = setTimeout(resolve, limitMs)));
			await Promise.race([Promise.resolve(part.stop?.()).catch(() => undefined), limit]);
			clearTimeout(timer);
		}
	})();
	return state.stopping;
}
