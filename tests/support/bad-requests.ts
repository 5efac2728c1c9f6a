import { request } from 'node:http';
import { createRandom, type Random } from './gguf/random.ts';

/** Every documented path, with its methods; `{x}` is filled with something that names nothing, or something hostile. */
const routes = [
	['GET', '/api/models'], ['POST', '/api/models'], ['POST', '/api/models/discover'],
	['GET', '/api/config'], ['POST', '/api/config'],
	['GET', '/api/monitoring'], ['GET', '/api/monitoring/history'],
	['GET', '/api/parameters'], ['GET', '/api/parameters/{x}'], ['GET', '/api/parameters/category/{x}'], ['PUT', '/api/parameters/category/{x}'], ['PUT', '/api/parameters/model/{x}'],
	['POST', '/api/auth/login'], ['POST', '/api/auth/logout'], ['GET', '/api/auth/csrf'],
	['POST', '/api/chat'], ['GET', '/api/chat'],
	['GET', '/api/conversations'], ['POST', '/api/conversations'], ['GET', '/api/conversations/{x}'],
	['GET', '/health/live'], ['GET', '/health/ready'], ['GET', '/metrics'], ['GET', '/api/websocket'],
	['POST', '/v1/chat/completions'], ['GET', '/v1/models'], ['GET', '/v1/models/{x}'],
	['GET', '/trpc/{x}'], ['POST', '/trpc/chat.start'], ['POST', '/trpc/models.register'], ['GET', '/trpc/conversations.get']
] as const;

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD'];
const names = ['model', 'models', 'messages', 'name', 'path', 'paths', 'title', 'username', 'password', 'value', 'temperature', 'max_tokens', 'stream', 'json', '__proto__', 'constructor', 'stop', 'seed', 'store', 'app', 'role', 'content'];
const texts = [
	'', ' ', '\u0000', '../../etc/passwd', '/etc/passwd', '%2e%2e%2f', "' OR 1=1 --", '<script>alert(1)</script>', '{{7*7}}', '\r\nX-Injected: 1', 'data: x\n\n', '𝕏'.repeat(50), '\ud800', 'a'.repeat(5000),
	'null', 'NaN', '-1', '1e309', 'admin', 'user', 'model', 'constructor', '__proto__', 'toString'
];
const numbers = [0, -1, 1.5, 1e308, -1e308, 2 ** 53, 0.1, 65536, 4294967296];
const types = ['application/json', 'application/json; charset=utf-16', 'text/plain', 'multipart/form-data; boundary=x', 'application/x-www-form-urlencoded', '', 'application/octet-stream', 'application/problem+json'];
const queries = ['', '', '?hours=-1', '?hours=NaN', '?hours=1e9', '?view=%00', '?input=%7B', '?batch=1&input={"0":{}}', `?x=${'y'.repeat(3000)}`, '?hours[]=1&hours=2', '?__proto__=1'];

function randomValue(random: Random, depth = 0): unknown {
	const kind = Math.floor(random.unit() * (depth > 4 ? 5 : 7));
	if (kind === 0) return null;
	if (kind === 1) return random.unit() < 0.5;
	if (kind === 2) return random.pick(numbers);
	if (kind <= 4) return random.pick(texts);
	const length = Math.floor(random.unit() * 4);
	if (kind === 5) return Array.from({ length }, () => randomValue(random, depth + 1));
	return Object.fromEntries(Array.from({ length }, () => [random.pick(names), randomValue(random, depth + 1)]));
}

/** Something near a valid request: right members, wrong values. */
function nearlyRight(random: Random): unknown {
	return random.pick<() => unknown>([
		() => ({ model: randomValue(random), messages: [{ role: random.pick(['user', 'robot', 'system']), content: randomValue(random) }], temperature: randomValue(random), stream: false }),
		() => ({ models: [{ name: randomValue(random), path: randomValue(random) }] }),
		() => ({ paths: [randomValue(random)] }),
		() => ({ models: { maxConcurrent: random.pick([0, 65, '3', 1.5]), [random.pick(names)]: randomValue(random) } }),
		() => ({ username: randomValue(random), password: randomValue(random) }),
		() => ({ title: random.pick(['', 'x'.repeat(201), 7, null]) }),
		() => ({ value: randomValue(random) })
	])();
}

function randomBody(random: Random): Buffer {
	const kind = random.unit();
	if (kind < 0.15) return Buffer.alloc(0);
	if (kind < 0.25) return Buffer.from('{"models":[{'.slice(0, Math.ceil(random.unit() * 12)));
	if (kind < 0.32) return Buffer.from(Array.from({ length: 64 }, () => random.integer() & 255));
	if (kind < 0.36) return Buffer.from('['.repeat(20_000));
	return Buffer.from(JSON.stringify(kind < 0.7 ? nearlyRight(random) : randomValue(random)) ?? '');
}

export type BadRequest = { method: string; path: string; headers: Record<string, string>; body: Buffer | undefined };

/** One generated request, valid only by accident. */
export function badRequest(random: Random, token: string): BadRequest {
	const [usual, pattern] = random.pick(routes);
	const method = random.unit() < 0.15 ? random.pick(methods) : usual;
	const path = pattern.replace('{x}', encodeURIComponent(random.pick(texts).replace('\ud800', '?'))) + random.pick(queries);
	const headers: Record<string, string> = {};
	if (method !== 'GET' && method !== 'HEAD') {
		const type = random.unit() < 0.75 ? 'application/json' : random.pick(types);
		if (type) headers['content-type'] = type;
	}
	const credentials = random.unit();
	if (credentials < 0.6) headers.authorization = `Bearer ${token}`;
	else if (credentials < 0.7) headers.authorization = random.pick(['Bearer', 'Bearer x.y.z', 'Basic YTpi', `Bearer ${token}x`, 'lr_00000000']);
	else if (credentials < 0.8) headers.cookie = random.pick(['access_token=', 'access_token=x.y.z', '=;=;=', 'csrf_seed=a; access_token=%00']);
	if (random.unit() < 0.1) headers.accept = random.pick(['application/json; profile="aigs"', '*/*;q=x', 'text/event-stream', 'x'.repeat(1000)]);
	return { method, path, headers, body: method === 'GET' || method === 'HEAD' ? undefined : randomBody(random) };
}

/** An API key of the signed-in user: a token would end with the first sign-out among the requests. */
export async function makeKey(fetch: (path: string, init?: RequestInit) => Promise<Response>): Promise<string> {
	const response = await fetch('/trpc/keys.create', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"json":{"name":"bad requests"}}' });
	const { result } = (await response.json()) as { result: { data: { json: { key: string } } } };
	return result.data.json.key;
}

export type Verdict = { request: BadRequest; status: number; fault: string };

/** Sends `count` generated requests, a few at a time, and returns those whose answer is no proper refusal or answer. */
export async function sendBadRequests(url: string, token: string, count: number, seed: number): Promise<{ faults: Verdict[]; byStatus: Record<number, number> }> {
	const random = createRandom(seed, 'bad requests');
	const faults: Verdict[] = [];
	const byStatus: Record<number, number> = {};
	const one = async () => {
		const bad = badRequest(random, token);
		const answer = await send(url, bad);
		byStatus[answer.status] = (byStatus[answer.status] ?? 0) + 1;
		const fault = faultOf(bad, answer);
		if (fault) faults.push({ request: bad, status: answer.status, fault });
	};
	for (let left = count; left > 0; left -= 8) await Promise.all(Array.from({ length: Math.min(8, left) }, one));
	return { faults, byStatus };
}

type Answer = { status: number; headers: Record<string, unknown>; body: string };

function send(url: string, { method, path, headers, body }: BadRequest): Promise<Answer> {
	return new Promise((resolve, reject) => {
		const call = request(`${url}${path}`, { method, headers: body ? { ...headers, 'content-length': String(body.length) } : headers, timeout: 20_000 }, (response) => {
			let text = '';
			response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
			response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body: text }));
			response.on('error', reject);
		});
		call.on('timeout', () => call.destroy(new Error(`${method} ${path} got no answer in 20 s`)));
		call.on('error', (error) => reject(new Error(`${method} ${path}: ${error.message}`)));
		call.end(body);
	});
}

/** What is wrong with the answer, if anything: a server error, a stack, an injected header, a refusal without the one error body. */
function faultOf({ method, path }: BadRequest, { status, headers, body }: Answer): string {
	if (status === 503 && path.startsWith('/health/ready')) return ''; // a server without a model is not ready, and says so in document B's shape
	if (status >= 500) return `server error: ${body.slice(0, 300)}`;
	if (/\n\s+at .+\(|node_modules|file:\/\/\//.test(body)) return `a stack in the body: ${body.slice(0, 300)}`;
	if ('x-injected' in headers) return 'an injected header';
	if (status < 400 || method === 'HEAD' || path.startsWith('/trpc')) return '';
	const type = String(headers['content-type']);
	if (path.startsWith('/v1')) return type.startsWith('application/json') && 'error' in JSON.parse(body) ? '' : `no OpenAI error: ${type} ${body.slice(0, 200)}`;
	if (!type.startsWith('application/problem+json')) return `no problem+json: ${type} ${body.slice(0, 200)}`;
	const problem = JSON.parse(body) as Record<string, unknown>;
	const missing = ['type', 'title', 'status', 'detail', 'errors', 'error', 'code', 'details', 'requestId'].filter((member) => !(member in problem));
	return missing.length ? `the problem lacks ${missing.join(', ')}` : problem.requestId === headers['x-request-id'] ? '' : 'the request ids differ';
}
