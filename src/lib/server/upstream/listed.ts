import type { ListedUpstream } from '../../contract/upstreams.ts';
import { builtInName } from './registry.ts';
import type { Upstream } from './upstream.ts';

/** An upstream for the dashboard; its address and what went wrong are for administrators. */
export function listedUpstream({ settings, health, latencyMs, checkedAt, active, breaker, models, error, said }: Upstream, forAdmin: boolean): ListedUpstream {
	return {
		id: settings.id,
		name: settings.name,
		kind: settings.kind,
		builtIn: settings.id === builtInName,
		enabled: settings.enabled,
		health,
		latencyMs,
		checkedAt,
		active,
		resting: breaker.state === 'open',
		models: health === 'up' ? models.map(({ id, loaded, contextLength, chats }) => ({ id, loaded, contextLength, chats })) : [],
		...(forAdmin ? { private: { baseUrl: settings.baseUrl, hasApiKey: settings.apiKey !== undefined, error: error && said ? `${error}: ${said}` : error } } : {})
	};
}
