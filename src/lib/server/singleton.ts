const store = ((globalThis as unknown as Record<symbol, Map<string, unknown>>)[Symbol.for('llama-runner.singletons')] ??= new Map<string, unknown>());

/** A process-wide value made once. It lives on globalThis because a dev reload evaluates modules again. */
export function singleton<T>(name: string, make: () => T): T {
	if (!store.has(name)) store.set(name, make());
	return store.get(name) as T;
}
