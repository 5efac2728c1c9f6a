import type { IncomingMessage } from 'node:http';
import { isForeignOrigin, originRefusal, type Whereabouts } from '../auth/access.ts';
import { admitCaller } from '../auth/admit.ts';
import { cookieOf } from '../auth/authenticate.ts';
import type { PeerFacts } from '../bridge.ts';
import { env } from '../env.ts';
import { AppError } from '../errors.ts';
import { shutdownSignal } from '../lifecycle.ts';
import type { Context } from '../trpc/context.ts';

function whereaboutsOf(request: IncomingMessage, protocol: PeerFacts['protocol']): Whereabouts {
	const own = `${protocol}://${request.headers.host ?? ''}`;
	if (!URL.canParse(own)) throw new AppError('VALIDATION_ERROR', 'The Host header of the request is malformed');
	const { hostname, origin } = new URL(own);
	return { host: hostname, origin: request.headers.origin, ownOrigin: origin };
}

/**
 * The same judgement that requests meet in the hooks, for an upgrade, which meets none. A page of another origin may not ride on the
 * cookie, nor on open access (cross-site WebSocket hijacking): browsers send the Origin and no CORS stops them.
 * @throws AppError ORIGIN_NOT_ALLOWED, UNAUTHORIZED
 */
export async function admitUpgrade(path: string, request: IncomingMessage, requestId: string, peer: PeerFacts): Promise<Context> {
	const whereabouts = whereaboutsOf(request, peer.protocol);
	const { identity, by, open, refusal } = await admitCaller({
		...whereabouts,
		route: path,
		forwarded: peer.forwarded,
		header: (name) => request.headers[name]?.toString()
	});
	if (by !== 'bearer' && isForeignOrigin(whereabouts, env().corsOrigins)) throw originRefusal(whereabouts.origin!);
	if (refusal) throw refusal;
	return {
		identity, by, open, refusal,
		cookies: { get: (name) => cookieOf(request.headers.cookie, name), set: () => undefined, clear: () => undefined },
		windows: [],
		requestId,
		ip: peer.ip,
		userAgent: request.headers['user-agent'] ?? '',
		transport: 'ws',
		signal: shutdownSignal()
	};
}
