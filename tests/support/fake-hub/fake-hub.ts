/**
 * A stand-in of the Hugging Face hub on loopback, in two servers as there: the API, which redirects large files, and the content network
 * that has them. Shapes and headers are the real ones: https://huggingface.co/docs/hub/api and what huggingface_hub reads.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describedRepo, knownRepo, listedRepo, treeOf, type FakeRepo, type KnownFile, type KnownRepo } from './repos.ts';

/** What goes wrong with one answer of the content network. */
export type Fault =
	| 'stall' | 'truncate' | 'reset' | 'wrongBytes' | 'longer' | 'ignoreRange' | 'errorPage' | 'expiredLink'
	| { status: number; retryAfter?: number }
	| { redirectTo: string };

export type FakeHub = {
	url: string;
	/** settings of a server that is to use it */
	settings: { HF_ENDPOINT: string; DOWNLOAD_HOSTS: string };
	/** `host:port` of the content network */
	cdnHost: string;
	/** of the next requests for content, one each */
	faults: Fault[];
	/** the API's next answers: a status in place of each */
	apiFaults: { status: number; retryAfter?: number }[];
	/** of requests to both, in order */
	seen: { on: 'hub' | 'cdn'; method: string; path: string; range: string | undefined; authorization: string | undefined }[];
	/** bytes per second of one answer; Infinity: as fast as it goes */
	speed: number;
	stop: () => Promise<void>;
};

const page = '<!DOCTYPE html><html><body>Sign in to the network</body></html>';

async function listen(server: Server): Promise<string> {
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function json(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
	response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers }).end(JSON.stringify(body));
}

/** Until it takes more, or is closed. */
const writable = (response: ServerResponse): Promise<void> =>
	new Promise((resolve) => {
		const go = () => {
			response.off('drain', go).off('close', go);
			resolve();
		};
		response.on('drain', go).on('close', go);
	});

const refuse = (response: ServerResponse, status: number, code: string, message: string) =>
	response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...(code ? { 'x-error-code': code } : {}), 'x-error-message': message }).end(message);

/** @param token the one that opens gated repositories; any other is wrong */
export async function startFakeHub({ repos, token = 'hf_right', treePage = 1000 }: { repos: FakeRepo[]; token?: string; treePage?: number }): Promise<FakeHub> {
	const known = repos.map(knownRepo);
	const hub: FakeHub = { url: '', settings: { HF_ENDPOINT: '', DOWNLOAD_HOSTS: '' }, cdnHost: '', faults: [], apiFaults: [], seen: [], speed: Infinity, stop: async () => undefined };
	const note = (on: 'hub' | 'cdn', { method = '', url = '', headers }: IncomingMessage) => hub.seen.push({ on, method, path: url, range: headers.range, authorization: headers.authorization });

	/** Whether it may be seen; answers itself when not. */
	function admits(repo: KnownRepo, authorization: string | undefined, response: ServerResponse): boolean {
		if (!repo.gated || authorization === `Bearer ${token}`) return true;
		refuse(response, authorization ? 403 : 401, 'GatedRepo', `Access to model ${repo.id} is restricted${authorization ? ' and you are not in the authorized list. Visit the page of the model to ask for access.' : '. You must have access to it and be authenticated to access it. Please log in.'}`);
		return false;
	}

	const api = createServer((request, response) => {
		note('hub', request);
		const url = new URL(request.url ?? '/', hub.url);
		const { authorization } = request.headers;
		const fault = hub.apiFaults.shift();
		if (fault) return json(response, fault.status, { error: fault.status === 429 ? 'We had to rate limit your IP. To continue using our service, create a HF account or login to your existing account' : 'Internal Server Error' }, fault.retryAfter ? { 'retry-after': String(fault.retryAfter) } : {});
		if (authorization && authorization !== `Bearer ${token}` && authorization !== 'Bearer hf_other') return json(response, 401, { error: 'Invalid username or password.' }, { 'x-error-message': 'Invalid credentials in Authorization header' });
		if (url.pathname === '/api/models') {
			const words = (url.searchParams.get('search') ?? '').toLowerCase();
			const found = known.filter(({ id }) => id.toLowerCase().includes(words)).sort((a, b) => (b.downloads ?? 1) - (a.downloads ?? 1));
			return json(response, 200, found.slice(0, Number(url.searchParams.get('limit') ?? 1000)).map(listedRepo));
		}
		const [, id, rest] = /^\/api\/models\/([^/]+\/[^/]+)(\/tree\/[^/]+)?$/.exec(url.pathname) ?? [];
		const named = /^\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(url.pathname);
		const repo = known.find((one) => one.id === (id ?? named?.[1]));
		// A repository that is private looks like one that is not there; without credentials both are 401.
		if (!repo) return authorization ? refuse(response, 404, 'RepoNotFound', 'Repository not found') : json(response, 401, { error: 'Invalid username or password.' }, { 'x-error-code': 'RepoNotFound', 'x-error-message': 'Repository not found' });
		if (rest) {
			const all = treeOf(repo);
			const from = Number(url.searchParams.get('cursor') ?? 0);
			const next = from + treePage < all.length ? { link: `<${hub.url}${url.pathname}?recursive=true&cursor=${from + treePage}>; rel="next"` } : undefined;
			return json(response, 200, all.slice(from, from + treePage), next);
		}
		if (id) return json(response, 200, describedRepo(repo));
		if (!admits(repo, authorization, response)) return;
		const [, , revision, path] = named!;
		if (revision !== 'main' && revision !== repo.sha) return refuse(response, 404, 'RevisionNotFound', `Invalid rev id: ${revision}`);
		const file = repo.files.find((one) => one.path === decodeURIComponent(path!));
		if (!file) return refuse(response, 404, 'EntryNotFound', 'Entry not found');
		const location = `http://${hub.cdnHost}/xet-bridge-us/${repo.sha}/${file.sha256}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=3600`;
		response.writeHead(302, {
			location, 'content-type': 'text/plain; charset=utf-8', 'x-repo-commit': repo.sha, 'x-linked-size': String(file.content.length), 'x-linked-etag': `"${file.sha256}"`, etag: `"${file.sha256.slice(0, 32)}"`, 'accept-ranges': 'bytes', vary: 'Origin, Accept'
		}).end(`Found. Redirecting to ${location}`);
	});

	async function send({ content, sha256 }: KnownFile, request: IncomingMessage, response: ServerResponse, fault: Fault | undefined): Promise<void> {
		const asked = fault === 'ignoreRange' ? undefined : /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
		const [from, to] = asked ? [Number(asked[1]), Math.min(content.length - 1, asked[2] ? Number(asked[2]) : Infinity)] : [0, content.length - 1];
		if (from > to) return void response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end();
		let body = content.subarray(from, to + 1);
		if (fault === 'wrongBytes') (body = Buffer.from(body))[body.length >> 1]! ^= 0xff;
		if (fault === 'longer') body = Buffer.concat([body, Buffer.alloc(100, 1)]);
		response.writeHead(asked ? 206 : 200, {
			'content-type': 'application/octet-stream', ...(fault === 'longer' ? {} : { 'content-length': String(body.length) }), etag: `"${sha256}"`, 'accept-ranges': 'bytes', 'cache-control': 'public, max-age=31536000',
			...(asked ? { 'content-range': `bytes ${from}-${to}/${content.length}` } : {})
		});
		const end = fault === 'stall' || fault === 'truncate' || fault === 'reset' ? body.length >> 1 : body.length;
		const step = 64 * 1024;
		for (let at = 0, begun = performance.now(); at < end && !response.destroyed; at += step) {
			if (!response.write(body.subarray(at, Math.min(end, at + step)))) await writable(response);
			const ahead = hub.speed === Infinity ? 0 : ((at + step) / hub.speed) * 1000 - (performance.now() - begun);
			if (ahead > 5) await sleep(ahead);
		}
		if (fault === 'stall') return; // says nothing more
		if (fault === 'truncate') return void response.socket?.end();
		if (fault === 'reset') return void response.socket?.resetAndDestroy();
		response.end();
	}

	const cdn = createServer((request, response) => {
		note('cdn', request);
		const fault = hub.faults.shift();
		const file = known.flatMap(({ files }) => files).find(({ sha256, path }) => request.url?.includes(`/${sha256}`) || request.url === `/plain/${path}`);
		if (request.headers.authorization || !file) return void response.writeHead(400, { 'content-type': 'application/xml' }).end('<Error><Code>InvalidArgument</Code></Error>');
		if (fault === 'errorPage') return void response.writeHead(200, { 'content-type': 'text/html', 'content-length': String(page.length) }).end(page);
		if (fault === 'expiredLink') return void response.writeHead(403, { 'content-type': 'application/xml' }).end('<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>');
		if (typeof fault === 'object') {
			if ('redirectTo' in fault) return void response.writeHead(302, { location: fault.redirectTo }).end();
			return void response.writeHead(fault.status, { 'content-type': 'text/plain', ...(fault.retryAfter ? { 'retry-after': String(fault.retryAfter) } : {}) }).end('no');
		}
		void send(file, request, response, fault).catch(() => response.destroy());
	});

	hub.url = `http://${await listen(api)}`;
	hub.cdnHost = await listen(cdn);
	hub.settings = { HF_ENDPOINT: hub.url, DOWNLOAD_HOSTS: hub.cdnHost };
	hub.stop = async () => {
		for (const server of [api, cdn]) {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		}
	};
	return hub;
}
