import type { Handle } from '@sveltejs/kit';

/**
 * The steps of a request, outermost first. Kit's own `sequence` also makes a span and a store for each step and merges what they say of
 * rendering, for which ours have no use.
 */
export const inOrder =
	(...steps: Handle[]): Handle =>
	({ event, resolve }) => {
		const from = (at: number): ReturnType<Handle> => (at === steps.length ? resolve(event) : steps[at]!({ event, resolve: () => from(at + 1) }));
		return from(0);
	};
