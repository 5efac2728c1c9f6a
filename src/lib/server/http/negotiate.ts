import type { RequestEvent } from '@sveltejs/kit';

/**
 * Which document's shape `GET /api/models` answers in (the contract's section 2): an explicit wish first,
 * else B's for a signed-in caller and A's for the anonymous.
 */
export function modelListDialect(event: RequestEvent): 'registry' | 'openai' {
	const view = event.url.searchParams.get('view');
	if (view === 'registry' || view === 'openai') return view;
	const profile = /profile="?(llama-runner|aigs)"?/.exec(event.request.headers.get('accept') ?? '')?.[1];
	if (profile) return profile === 'aigs' ? 'openai' : 'registry';
	return event.locals.context.identity ? 'openai' : 'registry';
}
