/** What this browser (localStorage) or this tab (sessionStorage) remembers, as JSON. A blocked or full storage forgets; nothing else breaks. */
type Where = 'localStorage' | 'sessionStorage';

/** The remembered value, or undefined when there is none. The caller judges its shape: a person may have edited it. */
export function recall(where: Where, key: string): unknown {
	try {
		const text = globalThis[where].getItem(key);
		return text === null ? undefined : JSON.parse(text);
	} catch {
		return undefined;
	}
}

/** Remembers a value; undefined forgets it. */
export function remember(where: Where, key: string, value: unknown): void {
	try {
		if (value === undefined) globalThis[where].removeItem(key);
		else globalThis[where].setItem(key, JSON.stringify(value));
	} catch {
		// Blocked or full: the interface works without a memory.
	}
}
