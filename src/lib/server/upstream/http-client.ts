import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { UpstreamFailure, timedOut, unavailable } from './failure.ts';

/**
 * Express, which LM Studio's server is built on, closes an idle socket after 5 s, and a request sent into that moment is
 * lost: ours are closed before. Node's own client instead of fetch: it tells connecting from waiting, tells whether a
 * socket was used before, and gives a socket up at once.
 */
const agentOptions = { keepAlive: true, timeout: 4000, maxFreeSockets: 64 };
const agents = { 'http:': new http.Agent(agentOptions), 'https:': new https.Agent(agentOptions) };

const connectTimeoutMs = 5000;

export type UpstreamCall = {
	/** the upstream's name, for messages */
	name: string;
	method: 'GET' | 'POST';
	url: string;
	apiKey: string | undefined;
	body?: string;
	/** milliseconds to the answer's head */
	headTimeoutMs: number;
};

/** An answer whose head has come. Whoever opens one closes it. */
export type Exchange = {
	status: number;
	headers: http.IncomingHttpHeaders;
	/** The body's bytes as they come. @throws UpstreamFailure when it breaks off */
	chunks: () => AsyncIterable<Buffer>;
	/** Gives up with this failure. */
	fail: (failure: Error) => void;
	/** The rest is of no interest: a body that ends by itself soon leaves its socket for the next request. */
	close: () => void;
};

const words: Record<string, string> = {
	ECONNREFUSED: 'is not running: it refuses connections',
	ENOTFOUND: 'has an address that no name server knows',
	EAI_AGAIN: "has an address that can't be looked up at the moment",
	ECONNRESET: 'closed the connection',
	EPIPE: 'closed the connection'
};

/** What a failed connection says; our own failures and cancellations pass. */
function connectionFailure(name: string, thrown: NodeJS.ErrnoException): Error {
	if (thrown instanceof UpstreamFailure || thrown.name === 'AbortError') return thrown;
	const code = thrown.code ?? '';
	if (code.startsWith('HPE_')) return unavailable(name, 'does not speak HTTP', { cause: thrown });
	if (/CERT|SELF_SIGNED|TLS|SSL/.test(code)) return unavailable(name, `has a certificate that is not trusted (${code})`, { cause: thrown });
	return unavailable(name, words[code] ?? `can't be reached${code ? ` (${code})` : ''}`, { cause: thrown });
}

type Sent = { request: ClientRequest; response: IncomingMessage };

function send(call: UpstreamCall, freshSocket: boolean, signal: AbortSignal): Promise<Sent> {
	return new Promise((resolve, reject) => {
		const url = new URL(call.url);
		const [client, agent] = url.protocol === 'https:' ? [https, agents['https:']] : [http, agents['http:']];
		const request = client.request(url, {
			method: call.method,
			agent: freshSocket ? false : agent,
			headers: {
				accept: call.method === 'POST' ? 'text/event-stream, application/json' : 'application/json',
				'user-agent': 'llama-runner',
				...(call.apiKey ? { authorization: `Bearer ${call.apiKey}` } : {}),
				...(call.body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(call.body) })
			}
		});
		let response: IncomingMessage | undefined;
		const giveUp = (reason: Error) => (response ?? request).destroy(reason);
		const abort = () => giveUp(new DOMException('The request was cancelled', 'AbortError'));
		const late = setTimeout(() => giveUp(timedOut(call.name, `has not answered for ${call.headTimeoutMs / 1000} s`)), call.headTimeoutMs);
		let connecting: NodeJS.Timeout | undefined;
		request.once('socket', (socket) => {
			if (!socket.connecting) return;
			connecting = setTimeout(() => giveUp(unavailable(call.name, `can't be reached within ${connectTimeoutMs / 1000} s`)), connectTimeoutMs);
			socket.once('connect', () => clearTimeout(connecting));
		});
		request.once('response', (came) => {
			clearTimeout(late);
			response = came;
			resolve({ request, response });
		});
		request.on('error', (error: NodeJS.ErrnoException) => {
			const stale = request.reusedSocket && !freshSocket && !response && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
			reject(stale ? staleSocket : connectionFailure(call.name, error));
		});
		request.once('close', () => {
			clearTimeout(late);
			clearTimeout(connecting);
			signal.removeEventListener('abort', abort);
		});
		if (signal.aborted) abort();
		else signal.addEventListener('abort', abort);
		request.end(call.body);
	});
}

/** The other side had closed the socket while it lay idle: it has not seen the request. */
const staleSocket = new Error('the socket was stale');

/**
 * Sends a request and waits for the answer's head. Redirects are not followed: addresses come from administrators alone.
 * Aborting closes the socket at once, whenever it comes.
 * @throws UpstreamFailure
 */
export async function openExchange(call: UpstreamCall, signal: AbortSignal): Promise<Exchange> {
	const { request, response } = await send(call, false, signal).catch((thrown: unknown) => {
		if (thrown === staleSocket) return send(call, true, signal);
		throw thrown;
	});
	response.on('error', () => undefined); // told to whoever reads; it must not end the process when nobody does
	return {
		status: response.statusCode ?? 0,
		headers: response.headers,
		async *chunks() {
			try {
				yield* response.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
			} catch (thrown) {
				throw connectionFailure(call.name, thrown as NodeJS.ErrnoException);
			}
		},
		fail: (failure) => void response.destroy(failure),
		close() {
			if (request.destroyed || response.readableEnded) return;
			const impatient = setTimeout(() => request.destroy(), 250);
			request.once('close', () => clearTimeout(impatient));
			response.resume();
		}
	};
}

/**
 * The body whole, as JSON where it is some, else as text.
 * @throws UpstreamFailure when it is longer than `maxBytes` or slower than `timeoutMs`
 */
export async function readBody(exchange: Exchange, name: string, maxBytes: number, timeoutMs: number): Promise<unknown> {
	const late = setTimeout(() => exchange.fail(timedOut(name, `has not finished its answer for ${timeoutMs / 1000} s`)), timeoutMs);
	const chunks: Buffer[] = [];
	let size = 0;
	try {
		for await (const chunk of exchange.chunks()) {
			size += chunk.byteLength;
			if (size > maxBytes) {
				const failure = unavailable(name, `sends an answer of more than ${Math.round(maxBytes / 1024)} KiB where a short one was due`, { down: false });
				exchange.fail(failure);
				throw failure;
			}
			chunks.push(chunk);
		}
	} finally {
		clearTimeout(late);
	}
	const text = Buffer.concat(chunks).toString('utf8');
	try {
		return JSON.parse(text) as unknown;
	} catch {
		return text;
	}
}
