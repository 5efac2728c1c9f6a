import { randomUUID } from 'node:crypto';

/**
 * What the entry (or the dev server) and the app hand each other. They are two module graphs, so it lives on globalThis.
 * `requests` maps a request id to what only the socket knows. Typed in src/lib/server/bridge.ts.
 */
export const bridge = (globalThis[Symbol.for('llama-runner.bridge')] ??= { requests: new Map() });

/** A URL or Host that Kit would refuse before our code runs becomes a refusal our code can render. */
function refusalOf(request) {
	try {
		const host = request.headers.host ?? '';
		const url = new URL(request.url ?? '/', `http://${host}`);
		if (/[\s@/\\?#]/.test(host) || !url.hostname) throw new Error('host');
		decodeURIComponent(url.pathname);
		return undefined;
	} catch {
		request.url = '/api/refused';
		request.headers.host = 'localhost';
		return 'The URL or the Host header of the request is malformed';
	}
}

/** The client's IP and protocol: the socket's own, or what the nearest trusted proxies say (TRUST_PROXY = how many). */
export function peerOf(request) {
	const forwarded = Object.keys(request.headers).some((name) => name === 'forwarded' || name.startsWith('x-forwarded-'));
	const direct = { forwarded, ip: request.socket.remoteAddress ?? '', protocol: request.socket.encrypted ? 'https' : 'http' };
	const hops = bridge.trustProxy ?? 0;
	if (hops === 0) return direct;
	const chain = [...String(request.headers['x-forwarded-for'] ?? '').split(',').map((part) => part.trim()).filter(Boolean), direct.ip];
	const protocol = String(request.headers['x-forwarded-proto'] ?? '').split(',').at(-1).trim();
	return { forwarded, ip: chain[Math.max(0, chain.length - 1 - hops)], protocol: protocol === 'https' ? 'https' : direct.protocol };
}

/** What every response carries, assets too. The Content-Security-Policy is Kit's, with its nonces (svelte.config.js). */
const always = Object.entries({
	'x-content-type-options': 'nosniff',
	'referrer-policy': 'same-origin',
	'x-frame-options': 'DENY',
	'cross-origin-opener-policy': 'same-origin',
	'permissions-policy': 'camera=(), microphone=(), geolocation=()'
});

/** Runs before Kit on every request, built and dev: request id, true client, headers for all, and a signal that fires when the client leaves. */
export function edge(request, response) {
	const id = randomUUID();
	const { ip, protocol, forwarded } = peerOf(request);
	const controller = new AbortController();
	const refusal = refusalOf(request);
	const closed = [];
	for (const [name, value] of always) response.setHeader(name, value);
	response.setHeader('x-request-id', id);
	request.headers['x-request-id'] = id;
	request.headers['x-forwarded-proto'] = protocol;
	bridge.requests.set(id, { gone: controller.signal, leave: () => controller.abort(), ip, forwarded, refusal, closed });
	response.once('close', () => {
		bridge.requests.delete(id);
		if (!response.writableFinished) controller.abort();
		for (const tell of closed) tell(response.headersSent);
	});
}
