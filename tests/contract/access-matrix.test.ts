import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import superjson from 'superjson';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { appRouter } from '../../src/lib/server/trpc/router.ts';
import { startChatServer, type ChatServer } from '../support/chat-server.ts';
import { trpcClient, trpcSocket, type TrpcSocket } from '../support/trpc-client.ts';
import { endpoints, procedures, sockets, type Own, type Row, type Who } from './access-table.ts';

const callers = ['anonymous', 'owner', 'other', 'admin'] as const;
type Caller = (typeof callers)[number];
type Mode = 'open' | 'authenticated';
const modes: Mode[] = ['open', 'authenticated'];

/** What a caller must get: a status of the walls, or past them. */
function expected(who: Who, caller: Caller, mode: Mode): 401 | 403 | 'past' {
	if (who === 'anyone' || caller === 'admin') return 'past';
	if (mode === 'open' && (who === 'read' || who === 'write')) return 'past';
	if (caller === 'anonymous') return 401;
	return who === 'admin' || who === 'write' ? 403 : 'past';
}

const whoOf = (row: Row): Who => (typeof row === 'string' ? row : row.who);
const kinds = Object.fromEntries(Object.entries(appRouter._def.procedures).map(([name, procedure]) => [name, (procedure as unknown as { _def: { type: string } })._def.type]));

const routesFolder = resolve(import.meta.dirname, '../../src/routes');
const routeFiles = (name: string) => readdirSync(routesFolder, { recursive: true, encoding: 'utf8' }).map((path) => path.replaceAll('\\', '/')).filter((path) => path.endsWith(`/${name}`) || path === name);
const methodPattern = /export const (GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|fallback)\b/g;
const found = routeFiles('+server.ts').flatMap((path) =>
	[...readFileSync(join(routesFolder, path), 'utf8').matchAll(methodPattern)].map((match) => `${match[1]} /${relative('.', path).replace(/\/?\+server\.ts$/, '')}`)
);

/** The paths that take upgrades, as the composition root hands them to the dispatcher. */
const boot = readFileSync(resolve(import.meta.dirname, '../../src/lib/server/boot.ts'), 'utf8');
const upgraded = [...(/upgradeDispatcher\(([^;]*);/.exec(boot)?.[1] ?? '').matchAll(/'(\/[\w/-]+)':/g)].map((match) => match[1]!);

type Setting = { server: ChatServer; keys: Record<Caller, string | undefined>; lines: Record<Caller, TrpcSocket>; own: Own };
const settings = {} as Record<Mode, Setting>;

/** Keys, not sessions: signing out is one of the calls, and must not disturb the next. */
async function prepare(mode: Mode): Promise<Setting> {
	const server = await startChatServer({ API_ACCESS: mode, RATE_LIMIT_IP: '0' });
	const [owner, other] = [await server.user('owner'), await server.user('other')];
	const mine = trpcClient(server, owner);
	const keyFor = async (caller: { token: string }) => (await trpcClient(server, caller).keys.create.mutate({ name: 'matrix' })).key;
	const conversation = await mine.conversations.create.mutate({ title: 'mine' });
	const preset = await mine.conversations.presets.create.mutate({ name: 'mine' });
	const answer = await mine.chat.start.mutate({ model: 'endless', messages: [{ role: 'user', content: 'hello' }], max_tokens: 1, store: false });
	const sessionId = (await mine.auth.sessions.query())[0]!.id;
	const { id: keyId } = await mine.keys.create.mutate({ name: 'kept' });
	const keys = { anonymous: undefined, owner: await keyFor(owner), other: await keyFor(other), admin: await keyFor(server.admin) };
	const line = (token: string | undefined) => trpcSocket(server, token === undefined ? {} : { token });
	return {
		server,
		keys,
		lines: { anonymous: line(keys.anonymous), owner: line(keys.owner), other: line(keys.other), admin: line(keys.admin) },
		own: { conversationId: conversation.id, answerId: answer.answerId, keyId, sessionId, presetId: preset.id }
	};
}

beforeAll(async () => {
	for (const mode of modes) settings[mode] = await prepare(mode);
}, 120_000);
afterAll(async () => {
	for (const { server, lines } of Object.values(settings)) {
		await Promise.all(Object.values(lines).map((line) => line.close()));
		await server.stop();
	}
});

const credentials = (setting: Setting, caller: Caller): Record<string, string> => (setting.keys[caller] === undefined ? {} : { authorization: `Bearer ${setting.keys[caller]}` });

/**
 * Subscribes over the caller's socket. The walls have spoken once the subscription stands; whose the thing is shows with the first row.
 * @returns 200, or the status of the refusal
 */
function subscribe(line: TrpcSocket, name: string, input: unknown): Promise<number> {
	type Handlers = { onStarted?: () => void; onData?: () => void; onError: (error: { data?: { httpStatus?: number } }) => void };
	const procedure = name.split('.').reduce((at, part) => at[part] as never, line.client as unknown as Record<string, never>) as unknown as { subscribe: (input: unknown, on: Handlers) => { unsubscribe: () => void } };
	return new Promise((resolveStatus) => {
		const passed = () => (resolveStatus(200), setImmediate(() => subscription.unsubscribe()));
		const subscription = procedure.subscribe(input, { [input === undefined ? 'onStarted' : 'onData']: passed, onError: ({ data }) => resolveStatus(data?.httpStatus ?? 0) });
	});
}

async function callProcedure(setting: Setting, name: string, caller: Caller, input?: unknown): Promise<number> {
	if (kinds[name] === 'subscription') return subscribe(setting.lines[caller], name, input);
	const url = `${setting.server.url}/trpc/${name}`;
	const headers = credentials(setting, caller);
	const text = input === undefined ? undefined : JSON.stringify(superjson.serialize(input));
	if (kinds[name] === 'mutation') return (await fetch(url, { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: text ?? null })).status;
	return (await fetch(text === undefined ? url : `${url}?input=${encodeURIComponent(text)}`, { headers })).status;
}

async function callEndpoint(setting: Setting, name: string, caller: Caller, params: Record<string, unknown> = {}): Promise<number> {
	const [method, route] = name.split(' ') as [string, string];
	const path = route.replace(/\[(?:\.\.\.)?(\w+)\]/g, (_, param: string) => String(params[param] ?? 'x'));
	const headers = credentials(setting, caller);
	const used = method === 'fallback' ? 'GET' : method;
	return (await fetch(setting.server.url + path, used === 'GET' ? { headers } : { method: used, headers: { ...headers, 'content-type': 'application/json' }, body: '{}' })).status;
}

const judged = (status: number) => (status === 401 || status === 403 ? status : 'past');

/** Every caller in both modes, and what each must get. */
async function matrixOf(who: Who, call: (setting: Setting, caller: Caller) => Promise<number>) {
	const got: Record<string, unknown> = {};
	const wanted: Record<string, unknown> = {};
	for (const mode of modes)
		for (const caller of callers) {
			got[`${mode}, ${caller}`] = judged(await call(settings[mode], caller));
			wanted[`${mode}, ${caller}`] = expected(who, caller, mode);
		}
	return { got, wanted };
}

/** Everybody but the owner, in both modes, for a thing of the owner's. */
async function othersOf(call: (setting: Setting, caller: Caller) => Promise<number>) {
	const got: Record<string, number> = {};
	for (const mode of modes) for (const caller of ['other', 'admin'] as const) got[`${mode}, ${caller}`] = await call(settings[mode], caller);
	return got;
}
const nobodyElse = { 'open, other': 404, 'open, admin': 404, 'authenticated, other': 404, 'authenticated, admin': 404 };

describe('the table', () => {
	const remedy = 'Each needs one line in tests/contract/access-table.ts, which explains the five words; what belongs to one user also says `others`.';
	const missing = (names: string[], table: Record<string, unknown>) => names.filter((name) => !(name in table));

	it('has a row for every procedure, and no other', () => {
		expect(missing(Object.keys(kinds), procedures), remedy).toEqual([]);
		expect(missing(Object.keys(procedures), kinds), 'These procedures are gone: remove their rows').toEqual([]);
	});

	it('has a row for every method of every route, and no other', () => {
		expect(missing(found, endpoints), remedy).toEqual([]);
		expect(Object.keys(endpoints).filter((name) => !found.includes(name)), 'These routes are gone: remove their rows').toEqual([]);
	});
});

describe('the table of upgrades', () => {
	it('has a row for every path, and no other', () => {
		expect(Object.keys(sockets).sort(), 'Each path that takes upgrades needs one line in tests/contract/access-table.ts').toEqual(upgraded.sort());
	});
});

describe('procedures', () => {
	it.each(Object.entries(procedures).filter(([name]) => name in kinds))('%s', async (name, row) => {
		const { got, wanted } = await matrixOf(whoOf(row), (setting, caller) => callProcedure(setting, name, caller));
		expect(got).toEqual(wanted);
		if (typeof row !== 'string') expect(await othersOf((setting, caller) => callProcedure(setting, name, caller, row.others(setting.own)))).toEqual(nobodyElse);
	});
});

describe('endpoints', () => {
	it.each(Object.entries(endpoints).filter(([name]) => found.includes(name)))('%s', async (name, row) => {
		const { got, wanted } = await matrixOf(whoOf(row), (setting, caller) => callEndpoint(setting, name, caller));
		expect(got).toEqual(wanted);
		if (typeof row !== 'string') expect(await othersOf((setting, caller) => callEndpoint(setting, name, caller, row.others(setting.own)))).toEqual(nobodyElse);
	});
});

describe('upgrades', () => {
	const upgrade = (setting: Setting, path: string, caller: Caller) =>
		new Promise<number>((resolveStatus, reject) => {
			const socket = new WebSocket(setting.server.url.replace('http', 'ws') + path, { headers: credentials(setting, caller) });
			socket.on('open', () => (resolveStatus(101), socket.terminate()));
			socket.on('unexpected-response', (request, response) => (resolveStatus(response.statusCode ?? 0), request.destroy()));
			socket.on('error', reject);
		});

	it.each(Object.entries(sockets))('%s', async (path, who) => {
		const { got, wanted } = await matrixOf(who, (setting, caller) => upgrade(setting, path, caller));
		expect(got).toEqual(wanted);
	});
});

describe('pages', () => {
	const pages = routeFiles('+page.svelte').map((path) => path.replace(/\/?\+page\.svelte$/, '')).filter((path) => path.startsWith('(app)/'));
	const pathOf = (page: string) => page.replace(/^\(app\)/, '').replace(/\/\[\[\w+\]\]/g, '').replace(/\[\w+\]/g, 'x');

	it.each(pages)('/%s is for whoever is signed in, in every mode', async (page) => {
		for (const mode of modes) {
			const setting = settings[mode];
			const answers = await Promise.all(callers.map((caller) => fetch(setting.server.url + pathOf(page), { headers: credentials(setting, caller), redirect: 'manual' })));
			expect(answers.map((answer) => answer.status)).toEqual([303, 200, 200, 200]);
			expect(answers[0]!.headers.get('location')).toMatch(/^\/login/);
		}
	});
});

describe('afterwards', () => {
	it("the owner's things are untouched", async () => {
		for (const mode of modes) {
			const { server, keys, own } = settings[mode];
			const mine = trpcClient(server, { token: keys.owner! });
			expect((await mine.conversations.get.query({ id: own.conversationId })).title).toBe('mine');
			expect((await mine.conversations.presets.list.query()).map(({ id, name }) => [id, name])).toContainEqual([own.presetId, 'mine']);
			expect((await mine.keys.list.query()).map((key) => key.id)).toContain(own.keyId);
			expect((await mine.auth.sessions.query()).map((session) => session.id)).toContain(own.sessionId);
		}
	});
});
