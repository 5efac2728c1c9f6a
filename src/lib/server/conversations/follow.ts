import { events } from '../events.ts';

/** Ids of the user's conversations that have changed, been added or removed, until the signal fires. Those of one moment are told together. */
export async function* followConversations(userId: string, signal: AbortSignal): AsyncGenerator<string[], void, void> {
	const changed = new Set<string>();
	let wake = (): void => undefined;
	const stop = events.on('conversation:changed', (event) => {
		if (event.userId !== userId) return;
		changed.add(event.conversationId);
		wake();
	});
	const leave = () => wake();
	signal.addEventListener('abort', leave);
	try {
		while (!signal.aborted) {
			if (changed.size === 0) await new Promise<void>((resolve) => (wake = resolve));
			const ids = [...changed];
			changed.clear();
			if (ids.length) yield ids;
		}
	} finally {
		signal.removeEventListener('abort', leave);
		stop();
	}
}
