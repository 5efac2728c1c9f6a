import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { env } from '../env.ts';
import { AppError } from '../errors.ts';
import { singleton } from '../singleton.ts';

/** Seconds of a fixed window; it begins with an identity's first request and is not refilled within. */
const windowSeconds = 60;

/** Whose requests are counted. `trpc` is the dashboard's own traffic, which must not eat a person's REST requests. */
export type Policy = 'user' | 'ip' | 'login' | 'trpc';

/** Where one identity stands in its window. */
export type Window = {
	limit: number;
	remaining: number;
	/** the window's end, epoch seconds */
	resetAt: number;
	exceeded: boolean;
};

/** Requests per window; 0 = off. */
const limitOf = (policy: Policy): number => (policy === 'trpc' ? (env().rateLimits.user === 0 ? 0 : 600) : env().rateLimits[policy]);

const limiters = singleton('rate-limiters', () => new Map<Policy, RateLimiterMemory>());

function limiterOf(policy: Policy): RateLimiterMemory {
	const found = limiters.get(policy);
	if (found) return found;
	const made = new RateLimiterMemory({ keyPrefix: policy, points: limitOf(policy), duration: windowSeconds });
	limiters.set(policy, made);
	return made;
}

/** Callers choose their keys (user names, IPv6 addresses), and each costs memory: every key falls into one of 2^18 places. */
const placeOf = (key: string) => createHash('sha1').update(key).digest().readUInt32LE(0) >>> 14;

/** An address as limits see it: IPv6 by its /64, which one subscriber owns whole. */
export function addressKey(ip: string): string {
	const plain = ip.replace(/^::ffff:(?=\d+\.)/i, '');
	if (!isIPv6(plain)) return plain;
	const [head = '', tail] = plain.split('%')[0]!.split('::');
	const front = head.split(':').filter(Boolean);
	const back = tail?.split(':').filter(Boolean) ?? [];
	const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - front.length - back.length)).fill('0');
	return [...front, ...zeros, ...back].slice(0, 4).map((group) => parseInt(group, 16).toString(16)).join(':');
}

/** Counts one request. Undefined when the policy is off. */
export async function spend(policy: Policy, key: string): Promise<Window | undefined> {
	const limit = limitOf(policy);
	if (limit === 0) return undefined;
	const state = await limiterOf(policy)
		.consume(placeOf(key))
		.catch((rejected: unknown) => {
			if (rejected instanceof RateLimiterRes) return rejected; // it rejects with its state, not with an Error
			throw rejected;
		});
	return {
		limit,
		remaining: Math.max(0, state.remainingPoints),
		resetAt: Math.ceil((Date.now() + state.msBeforeNext) / 1000),
		exceeded: state.consumedPoints > limit
	};
}

/** The window that leaves least. */
export const strictest = (windows: Window[]): Window | undefined => windows.toSorted((a, b) => a.remaining - b.remaining || b.resetAt - a.resetAt)[0];

export const windowHeaders = ({ limit, remaining, resetAt }: Window): Record<string, string> => ({
	'x-ratelimit-limit': String(limit),
	'x-ratelimit-remaining': String(remaining),
	'x-ratelimit-reset': String(resetAt)
});

/** @throws AppError RATE_LIMITED, with the headers, when a window is used up */
export function assertWithin(windows: Window[]): void {
	const over = windows.find((window) => window.exceeded);
	if (!over) return;
	const retryAfterSeconds = Math.max(1, over.resetAt - Math.floor(Date.now() / 1000));
	throw new AppError('RATE_LIMITED', `More than ${over.limit} requests in a minute; wait ${retryAfterSeconds} s`, { retryAfterSeconds, headers: windowHeaders(over) });
}

/** Counts a sign-in attempt, right or wrong, by address and by user name. @returns the windows, for their headers */
export async function spendLogin(ip: string, username: string): Promise<Window[]> {
	const windows = [await spend('login', `ip ${addressKey(ip)}`), await spend('login', `name ${username.normalize('NFKC').toLowerCase()}`)];
	return windows.filter((window) => window !== undefined);
}
