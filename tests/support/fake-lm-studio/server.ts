import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { usualBehaviour, type Behaviour, type Counts } from './behaviour.ts';
import { serveChat } from './chat.ts';
import { nativeList, olderList, openAiList } from './lists.ts';

export type Fake = { behaviour: Behaviour; counts: Counts; server: Server };

/** What is told to the fake itself: GET its counts, POST a change of its behaviour. */
export const controlPath = '/__fake';

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
	const chunks: Buffer[] = [];
	for await (const chunk of request) chunks.push(chunk as Buffer);
	const text = Buffer.concat(chunks).toString();
	return text ? (JSON.parse(text) as Record<string, unknown>) : {};
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
	response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
}

/** LM Studio writes errors as a string or as an object, depending on where they arise. */
export const errorBody = ({ errors }: Behaviour, message: string) => ({ error: errors === 'string' ? message : { message, type: 'invalid_request_error', param: null, code: null } });

/** LM Studio ignores `encoding_format`: always floats. */
function serveEmbeddings(response: ServerResponse, body: Record<string, unknown>): void {
	const inputs = Array.isArray(body.input) ? body.input : [body.input];
	const vector = (text: unknown) => Array.from({ length: 8 }, (_, index) => (String(text).length + index) / 100);
	sendJson(response, 200, { object: 'list', data: inputs.map((text, index) => ({ object: 'embedding', index, embedding: vector(text) })), model: body.model, usage: { prompt_tokens: 0, total_tokens: 0 } });
}

async function serveList(fake: Fake, response: ServerResponse, list: (behaviour: Behaviour, instances: Record<string, number>) => object): Promise<void> {
	const { behaviour, counts } = fake;
	if (behaviour.lists === 'hang') return;
	await sleep(behaviour.listMs);
	if (behaviour.lists === 'fail') return sendJson(response, 500, errorBody(behaviour, 'Something broke'));
	if (behaviour.lists === 'garbage') return void response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>It works!</h1>');
	sendJson(response, 200, list(behaviour, counts.instances));
}

const used = new WeakSet<Socket>();

async function serve(fake: Fake, request: IncomingMessage, response: ServerResponse): Promise<void> {
	const { behaviour, counts } = fake;
	const path = (request.url ?? '/').split('?')[0]!;
	const body = request.method === 'POST' ? await readJson(request) : {};
	if (path === controlPath) {
		if (request.method === 'POST') change(fake, body);
		return sendJson(response, 200, counts);
	}
	const asked = `${request.method} ${path}`;
	if (behaviour.dropsReused && used.has(request.socket)) return void request.socket.destroy();
	used.add(request.socket);
	counts.requests[asked] = (counts.requests[asked] ?? 0) + 1;
	response.on('close', () => {
		if (!response.writableFinished) counts.abortedSockets++;
	});
	if (behaviour.apiKey !== undefined && request.headers.authorization !== `Bearer ${behaviour.apiKey}`)
		return sendJson(response, 401, errorBody(behaviour, `Invalid API token: ${request.headers.authorization ?? 'none'}`));
	if (asked === 'GET /api/v1/models' && behaviour.api === 'v1') return serveList(fake, response, nativeList);
	if (asked === 'GET /api/v0/models' && behaviour.api !== 'openai') return serveList(fake, response, olderList);
	if (asked === 'GET /v1/models') return serveList(fake, response, openAiList);
	if (asked === 'POST /v1/chat/completions' || asked === 'POST /v1/completions') return serveChat(fake, request, response, body);
	if (asked === 'POST /v1/embeddings') return serveEmbeddings(response, body);
	if (asked === 'GET /lmstudio-greeting') return sendJson(response, 200, { lmstudio: true });
	// The trap: 200 for whatever it does not know.
	sendJson(response, 200, { error: `Unexpected endpoint or method. (${asked})` });
}

function change({ behaviour, counts }: Fake, body: Record<string, unknown>): void {
	const { times = null, reset, ...given } = body;
	if (reset) Object.assign(behaviour, usualBehaviour);
	Object.assign(behaviour, given, { times: times ?? Infinity });
	if (given.models || reset) setInstances(counts, behaviour);
}

function setInstances(counts: Counts, { models }: Behaviour): void {
	counts.instances = Object.fromEntries(models.map((model) => [model.key, model.loaded === false ? 0 : 1]));
}

/** A server that answers as LM Studio's does, with its quirks; it does not listen yet. */
export function makeFake(given: Partial<Behaviour>): Fake {
	const behaviour = { ...usualBehaviour, ...given };
	const counts: Counts = { requests: {}, chats: [], abortedSockets: 0, active: 0, instances: {} };
	setInstances(counts, behaviour);
	const server = createServer((request, response) => void serve(fake, request, response).catch(() => response.destroy()));
	server.keepAliveTimeout = 5000; // Express as LM Studio ships it: idle sockets close, and a request sent then is lost
	server.keepAliveTimeoutBuffer = 0;
	const fake: Fake = { behaviour, counts, server };
	return fake;
}
