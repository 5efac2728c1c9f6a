import { hostname } from 'node:os';
import { bridge } from '../bridge.ts';
import { env, type Env } from '../env.ts';
import { AppError } from '../errors.ts';

/** `open`: document A's own operations need no credentials. `authenticated`: everything under /api needs a user. */
export type Access = 'open' | 'authenticated';

const bare = (host: string) => host.toLowerCase().replace(/^\[|\]$/g, '').replace(/\.$/, '');
const isIpv4 = (host: string) => /^\d{1,3}(\.\d{1,3}){3}$/.test(host);

/** Whether an IP address or host name is this machine's own and reachable from nowhere else. */
export function isLoopback(host: string): boolean {
	const name = bare(host).replace(/^::ffff:(?=\d+\.)/, '');
	return name === '::1' || name === 'localhost' || name.endsWith('.localhost') || (isIpv4(name) && name.startsWith('127.'));
}

/**
 * The one place that decides about open access. `address` is the address really bound, not the setting: undefined
 * (not bound yet, or a socket file) is closed.
 */
export function accessOf({ setting, address, trustProxy }: { setting: Env['apiAccess']; address: string | undefined; trustProxy: number }): Access {
	if (address === undefined) return 'authenticated';
	if (setting !== 'auto') return setting;
	return isLoopback(address) && trustProxy === 0 ? 'open' : 'authenticated';
}

export const currentAccess = (): Access => accessOf({ setting: env().apiAccess, address: bridge.address, trustProxy: env().trustProxy });

/** Where a call says it comes from and goes to; every one of these is a page's or a proxy's word, hence the walls. */
export type Whereabouts = {
	/** host name of the Host header, without the port */
	host: string;
	/** the Origin header */
	origin: string | undefined;
	/** protocol and Host of this request, as an origin */
	ownOrigin: string;
};

/** Neither the origin that the server is reached by nor one of CORS_ORIGINS. Without an Origin header no page asked. */
export const isForeignOrigin = ({ origin, ownOrigin }: Whereabouts, allowed: string[]): boolean => origin !== undefined && origin !== ownOrigin && !allowed.includes(origin);

/**
 * Open mode is for programs on this machine, not for web pages: a page may neither ask directly (its Origin is foreign) nor
 * under a name of its own that it points at this machine (DNS rebinding). On loopback the Host must be a loopback
 * name. Bound wider, which only API_ACCESS=open does, it must be what no stranger's DNS can answer for: an IP address, this machine's name, or the host of an allowed origin.
 * @returns the refusal, if any
 */
export function openModeRefusal(call: Whereabouts, { address, allowedOrigins, machine = hostname() }: { address: string | undefined; allowedOrigins: string[]; machine?: string }): AppError | undefined {
	const host = bare(call.host);
	const ofThisMachine = () => isIpv4(host) || host.includes(':') || host === machine.toLowerCase() || host.startsWith(`${machine.toLowerCase()}.`);
	const known = isLoopback(host) || (!isLoopback(address ?? '') && (ofThisMachine() || allowedOrigins.some((origin) => new URL(origin).hostname === host)));
	if (!known) return new AppError('ORIGIN_NOT_ALLOWED', `The server is open to programs on this machine only and does not answer to the host "${host}"`, { details: 'Use localhost, or set API_ACCESS=authenticated' });
	if (isForeignOrigin(call, allowedOrigins)) return originRefusal(call.origin!);
	return undefined;
}

export const originRefusal = (origin: string): AppError => new AppError('ORIGIN_NOT_ALLOWED', `Pages of ${origin} may not use this server`, { details: 'Add the origin to CORS_ORIGINS to allow it' });
