import { isIP } from 'node:net';
import { AppError } from '../errors.ts';
import { isPublicAddress } from './addresses.ts';

export type HostRules = {
	/** root of the hub's API */
	hub: string;
	/** `host` or `host:port` that the operator of the machine has named: also on a private address and without TLS */
	operator: string[];
	/** the same, or `*.domain`, that an administrator has allowed: on public addresses alone, over https */
	allowed: string[];
};

export const publicHub = 'https://huggingface.co';
/** Where the hub's redirects lead: its own content networks. */
const hubsOwn = ['huggingface.co', '*.huggingface.co', '*.hf.co'];

const portOf = (url: URL): string => url.port || (url.protocol === 'https:' ? '443' : '80');

/** A rule without a port means the protocol's own one. */
function matches(url: URL, rule: string): boolean {
	const [, host = '', port] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(rule) ?? [];
	const named = host.startsWith('*.') ? url.hostname.endsWith(host.slice(1)) : url.hostname === host;
	return named && (port === undefined ? url.port === '' : portOf(url) === port);
}

/** Whether the operator vouches for the place: it set HF_ENDPOINT to it, or named it in DOWNLOAD_HOSTS. */
export function isOperators(url: URL, { hub, operator }: HostRules): boolean {
	return (hub !== publicHub && url.origin === new URL(hub).origin) || operator.some((rule) => matches(url, rule));
}

/**
 * Lets a URL through that may be asked, before a connection is made; what its name leads to is looked at when connecting.
 * @throws AppError FORBIDDEN
 */
export function requireAllowedUrl(url: URL, rules: HostRules): { operators: boolean } {
	if (url.username || url.password) throw new AppError('FORBIDDEN', 'An address must not hold a name or password');
	if (isOperators(url, rules)) return { operators: true };
	if (url.protocol !== 'https:') throw new AppError('FORBIDDEN', `Only https is allowed for downloads, and ${url.origin} is not`);
	if (![...hubsOwn, ...rules.allowed].some((rule) => matches(url, rule)))
		throw new AppError('FORBIDDEN', `The host ${url.host} is not on the list of allowed hosts. An administrator can add it in the settings of "Get models".`);
	requirePublic(url.hostname, url.hostname);
	return { operators: false };
}

/** Refuses an address off the public internet; names pass, they are looked up later. @throws AppError FORBIDDEN */
export function requirePublic(address: string, host: string): void {
	if (isIP(address.replace(/^\[|\]$/g, '')) !== 0 && !isPublicAddress(address))
		throw new AppError('FORBIDDEN', `The host ${host} has a private address. Only the operator of this machine can allow that, with DOWNLOAD_HOSTS.`);
}
