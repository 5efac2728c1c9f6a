import { lookup as systemLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { AppError } from '../errors.ts';
import { requireAllowedUrl, requirePublic, type HostRules } from './hosts.ts';

export type UrlLimits = {
	connectMs: number;
	/** to the answer's head */
	headMs: number;
	/** without a byte of the body */
	stallMs: number;
};
export const urlLimits: UrlLimits = { connectMs: 10_000, headMs: 30_000, stallMs: 30_000 };

/** A network's failure: worth another attempt, from where it broke off. */
export class Interrupted extends Error {
	override name = 'Interrupted';
	/** when the other side says so */
	readonly retryAfterMs: number | undefined;
	constructor(message: string, retryAfterMs?: number) {
		super(message);
		this.retryAfterMs = retryAfterMs;
	}
}

export type Answer = {
	/** where the last redirect led */
	url: URL;
	status: number;
	headers: http.IncomingHttpHeaders;
	/** whether the first host answered itself, without redirecting to another */
	direct: boolean;
	/** what the hub tells of a large file while it redirects to it */
	linked: { sha256: string | undefined; sizeBytes: number | undefined };
	body: IncomingMessage;
	/** Gives the connection up. */
	close: () => void;
};

export type Asking = {
	rules: HostRules;
	headers?: Record<string, string>;
	/** sent to the hub's own origin and nowhere else */
	token?: string | undefined;
	limits?: UrlLimits;
	lookup?: typeof systemLookup;
};

const mostRedirects = 5;
const redirects = new Set([301, 302, 303, 307, 308]);

/** Resolves a name and refuses it when any of its addresses is private: the socket connects to the very addresses that were looked at. */
const guardedLookup = (host: string, systems: typeof systemLookup): LookupFunction =>
	((name: string, options: LookupOptions, done: (error: Error | null, address?: string | LookupAddress[], family?: number) => void) => {
		systems(name, { ...options, all: true }, (error, addresses) => {
			if (error) return done(error);
			try {
				for (const { address } of addresses) requirePublic(address, host);
			} catch (refusal) {
				return done(refusal as Error);
			}
			if (options.all) done(null, addresses);
			else done(null, addresses[0]!.address, addresses[0]!.family);
		});
	}) as LookupFunction;

const words: Record<string, string> = {
	ECONNREFUSED: 'refuses connections', ENOTFOUND: 'is not known to any name server', EAI_AGAIN: "can't be looked up at the moment: is there a network?",
	ECONNRESET: 'closed the connection', EPIPE: 'closed the connection', ENETUNREACH: "can't be reached: is there a network?"
};

/** What a broken connection says. */
export function interruption(host: string, thrown: NodeJS.ErrnoException): Error {
	if (thrown instanceof AppError || thrown instanceof Interrupted || thrown.name === 'AbortError') return thrown;
	const code = thrown.code ?? '';
	if (/CERT|SELF_SIGNED|ERR_TLS|SSL/.test(code)) return new AppError('UPSTREAM_UNAVAILABLE', `${host} has a certificate that is not trusted (${code})`, { cause: thrown });
	return new Interrupted(`${host} ${words[code] ?? `broke off${code ? ` (${code})` : ''}`}`);
}

function send(url: URL, { rules, headers = {}, token, limits = urlLimits, lookup = systemLookup }: Asking, signal: AbortSignal): Promise<IncomingMessage> {
	const { operators } = requireAllowedUrl(url, rules);
	return new Promise((resolve, reject) => {
		const client = url.protocol === 'https:' ? https : http;
		const toHub = url.origin === new URL(rules.hub).origin;
		const request = client.request(url, {
			agent: false, // a pooled socket would have been looked at for another request
			...(operators ? {} : { lookup: guardedLookup(url.host, lookup) }),
			headers: { 'user-agent': 'llama-runner', accept: '*/*', 'accept-encoding': 'identity', ...(token && toHub ? { authorization: `Bearer ${token}` } : {}), ...headers }
		});
		let response: IncomingMessage | undefined;
		const giveUp = (reason: Error) => (response ?? request).destroy(reason);
		const abort = () => giveUp(new DOMException('The download was stopped', 'AbortError'));
		const late = setTimeout(() => giveUp(new Interrupted(`${url.host} has not answered for ${limits.headMs / 1000} s`)), limits.headMs);
		let connecting: NodeJS.Timeout | undefined;
		request.once('socket', (socket) => {
			connecting = setTimeout(() => giveUp(new Interrupted(`${url.host} can't be reached within ${limits.connectMs / 1000} s`)), limits.connectMs);
			socket.once('connect', () => clearTimeout(connecting));
		});
		request.once('response', (came) => {
			clearTimeout(late);
			response = came;
			came.on('error', () => undefined); // told to whoever reads
			came.setTimeout(limits.stallMs, () => giveUp(new Interrupted(`${url.host} has sent nothing for ${limits.stallMs / 1000} s`)));
			resolve(came);
		});
		request.on('error', (error) => reject(interruption(url.host, error)));
		request.once('close', () => {
			clearTimeout(late);
			clearTimeout(connecting);
			signal.removeEventListener('abort', abort);
		});
		if (signal.aborted) abort();
		else signal.addEventListener('abort', abort);
		request.end();
	});
}

/** Of `"sha256"`, `W/"…"`: what stands in the quotes. */
const unquoted = (etag: string | undefined) => etag?.replace(/^W\//, '').replaceAll('"', '');

/**
 * Asks for a URL and follows its redirects, each checked as the first: the host must be allowed, its address public.
 * @throws AppError FORBIDDEN, UPSTREAM_UNAVAILABLE; Interrupted; the signal's AbortError
 */
export async function openUrl(first: string, asking: Asking, signal: AbortSignal): Promise<Answer> {
	let url = new URL(first);
	const linked: Answer['linked'] = { sha256: undefined, sizeBytes: undefined };
	for (let hops = 0; ; hops++) {
		const body = await send(url, asking, signal);
		const { headers, statusCode: status = 0 } = body;
		const etag = unquoted(headers['x-linked-etag'] as string | undefined);
		if (etag && /^[0-9a-f]{64}$/.test(etag)) linked.sha256 = etag;
		if (/^\d{1,15}$/.test(String(headers['x-linked-size'] ?? ''))) linked.sizeBytes = Number(headers['x-linked-size']);
		if (!redirects.has(status) || !headers.location) return { url, status, headers, direct: url.origin === new URL(first).origin, linked, body, close: () => void body.destroy() };
		body.destroy();
		if (hops === mostRedirects) throw new AppError('UPSTREAM_UNAVAILABLE', `${url.host} redirects more than ${mostRedirects} times`);
		if (!URL.canParse(headers.location, url)) throw new AppError('UPSTREAM_UNAVAILABLE', `${url.host} redirects to what is no address`);
		url = new URL(headers.location, url);
	}
}

/** The body whole. @throws AppError UPSTREAM_UNAVAILABLE when it is longer than `maxBytes`; Interrupted */
export async function readAll({ body, url, close }: Answer, maxBytes: number): Promise<Buffer> {
	const chunks: Buffer[] = [];
	let size = 0;
	try {
		for await (const chunk of body as AsyncIterable<Buffer>) {
			size += chunk.byteLength;
			if (size > maxBytes) throw new AppError('UPSTREAM_UNAVAILABLE', `${url.host} sends more than ${Math.round(maxBytes / 1024)} KiB where less was due`);
			chunks.push(chunk);
		}
	} catch (thrown) {
		throw interruption(url.host, thrown as NodeJS.ErrnoException);
	} finally {
		close();
	}
	return Buffer.concat(chunks);
}
