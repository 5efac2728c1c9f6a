import { bridge } from '../bridge.ts';
import { env } from '../env.ts';
import { AppError, appErrorOf } from '../errors.ts';
import { currentAccess, openModeRefusal, type Whereabouts } from './access.ts';
import { authenticate, credentialsOf, type Authenticated } from './authenticate.ts';

/** All of a request or an upgrade that decides about who is let in. */
export type Call = Whereabouts & {
	/** the route's pattern, or the path where there is none */
	route: string;
	/** it came with Forwarded or X-Forwarded-* headers, so a proxy stands in between */
	forwarded: boolean;
	/** a request header by its lower-case name */
	header: (name: string) => string | null | undefined;
};

export type Admission = Authenticated & {
	/** document A's own operations are open to this caller */
	open: boolean;
	/** why the route is closed to this caller, when it is */
	refusal: AppError | undefined;
};

const under = (route: string, ...roots: string[]) => roots.some((root) => route === root || route.startsWith(`${root}/`));

/** Whoever comes with broken credentials must still be able to get new ones, and probes send what they please. */
const ignoresCredentials = (route: string) => under(route, '/api/auth/login', '/api/auth/logout', '/api/auth/csrf', '/health', '/metrics');

/** Document A's paths may be open; B's own and all of /v1 always need a user. Pages and tRPC judge for themselves. */
function needsUser(route: string, open: boolean): boolean {
	if (ignoresCredentials(route)) return false;
	return under(route, '/v1', '/api/chat', '/api/conversations') || (under(route, '/api') && !open);
}

export const signInFirst = (): AppError => new AppError('UNAUTHORIZED', 'Sign in, or send an API key or token as "Authorization: Bearer …"');

/**
 * Who is calling and whether the route is open to them; the same for requests and upgrades.
 * @throws AppError ORIGIN_NOT_ALLOWED by the walls of open mode
 */
export async function admitCaller(call: Call): Promise<Admission> {
	const access = currentAccess();
	const wall = access === 'open' ? openModeRefusal(call, { address: bridge.address, allowedOrigins: env().corsOrigins }) : undefined;
	if (wall) throw wall;
	const nobody: Authenticated = { identity: null, by: null };
	const apiKey = under(call.route, '/v1') ? call.header('x-api-key') : undefined;
	let refusal: AppError | undefined;
	const who = await authenticate(credentialsOf({ authorization: call.header('authorization'), apiKey, cookie: call.header('cookie') })).catch((thrown: unknown) => {
		if (appErrorOf(thrown)?.code !== 'UNAUTHORIZED') throw thrown;
		if (!ignoresCredentials(call.route)) refusal = appErrorOf(thrown);
		return nobody;
	});
	const open = access === 'open' && !call.forwarded && !refusal;
	if (!who.identity && needsUser(call.route, open)) refusal ??= signInFirst();
	return { ...who, open, refusal };
}
