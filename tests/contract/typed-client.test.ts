import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type * as client from '../../src/client.ts';
import { sentence, startChatServer, type ChatServer } from '../support/chat-server.ts';
import { temporaryFolder } from '../support/folder.ts';

const root = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');

/** A stranger's project: what the server gives away and nothing else; no tRPC, no zod. */
const project = temporaryFolder();
const entry = join(project, 'node_modules/llama-runner/index.js');
let server: ChatServer;
let key: string;

/** The files of a package as npm packs it: 512 bytes of header before each, the content filled up to as much. */
function filesOf(tarball: Buffer): Record<string, Buffer> {
	const bytes = gunzipSync(tarball);
	const files: Record<string, Buffer> = {};
	for (let at = 0; bytes[at]; ) {
		const name = bytes.toString('latin1', at, at + 100).replace(/\0.*$/s, '');
		const size = parseInt(bytes.toString('latin1', at + 124, at + 135), 8);
		files[name.replace(/^package\//, '')] = bytes.subarray(at + 512, at + 512 + size);
		at += 512 * (1 + Math.ceil(size / 512));
	}
	return files;
}

beforeAll(async () => {
	mkdirSync(join(project, 'src'));
	copyFileSync(join(root, 'scripts/examples/typed-client.ts'), join(project, 'src/example.ts'));
	writeFileSync(join(project, 'package.json'), '{"type":"module"}');
	writeFileSync(join(project, 'src/node.d.ts'), 'declare const process: { argv: string[]; exitCode?: number; stdout: { write(text: string): void } };'); // of Node's types, which are large
	server = await startChatServer();
	const installed = join(project, 'node_modules/llama-runner');
	mkdirSync(installed, { recursive: true });
	for (const [name, content] of Object.entries(filesOf(Buffer.from(await (await fetch(`${server.url}/client.tgz`)).arrayBuffer())))) writeFileSync(join(installed, name), content);
	await server.trpc.config.update.mutate({ models: { defaultModel: 'scripted' } });
	key = (await server.trpc.keys.create.mutate({ name: 'typed client' })).key;
});
afterAll(() => server.stop());

/** TypeScript's complaints about files of the project, and about the package's declarations. */
function compile(files: string[]): Promise<string[]> {
	const compilerOptions = { strict: true, module: 'nodenext', target: 'es2022', lib: ['es2022', 'dom', 'dom.asynciterable'], types: [], rootDir: 'src', outDir: 'out', skipDefaultLibCheck: true };
	writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['src/node.d.ts', ...files] }));
	return run(process.execPath, [tsc], { cwd: project }).then(
		() => [],
		(failed: { stdout: string }) => failed.stdout.trim().split('\n')
	);
}

describe('the typed client', () => {
	it('compiles the worked example, declarations included, without any other package, and tells wrong inputs from right ones', async () => {
		const wrong = [
			"import { createClient } from 'llama-runner/client';",
			"const client = createClient('http://localhost:3000');",
			'void client.models.load.mutate({ name: 7 });',
			'void client.users.list.mutate();',
			"void client.monitoring.history.query({ hours: 1 }).then(({ history }) => history[0]!.cpu.toFixed());",
			'void client.conversations.get.query({ id: "x" }).then(({ createdAt }) => createdAt.getTime() + createdAt.length);'
		];
		writeFileSync(join(project, 'src/wrong.ts'), wrong.join('\n'));
		const errors = await compile(['src/example.ts', 'src/wrong.ts']);
		expect(errors.filter((line) => /error TS/.test(line)).map((line) => /^src\/wrong\.ts\((\d+)/.exec(line.replaceAll('\\', '/'))?.[1] ?? line)).toEqual(['3', '4', '6']);
		expect(existsSync(join(project, 'out/example.js'))).toBe(true);
	});

	it('runs the worked example, which ends by itself', async () => {
		const { stdout } = await run(process.execPath, [join(project, 'out/example.js'), server.url, key, 'Say it'], { timeout: 25_000 });
		expect(stdout).toContain(`asking scripted\n${sentence}`);
		expect(stdout).toMatch(/\n\d+ tokens\n$/);
	});

	it('is the entry that the package itself exports', () => {
		const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { exports: Record<string, { types: string; default: string }> };
		const own = exports['./client']!;
		expect(readFileSync(join(root, own.default))).toEqual(readFileSync(entry));
		expect(readFileSync(join(root, own.types))).toEqual(readFileSync(entry.replace(/js$/, 'd.ts')));
	});

	it('holds neither server code nor an import', () => {
		const [code, types] = [readFileSync(entry, 'utf8'), readFileSync(entry.replace(/js$/, 'd.ts'), 'utf8')];
		for (const text of [code, types]) expect(text).not.toMatch(/^\s*(import|export)\b.*\bfrom\s*['"]|\brequire\(/m);
		expect(code).not.toMatch(/better-sqlite3|drizzle|process\.env/);
		expect(types).not.toMatch(/drizzle|better-sqlite3|lucia|argon2/i);
	});

	it('batches calls, carries dates, and throws the server’s own codes', async () => {
		const { createClient, isClientError } = (await import(pathToFileURL(entry).href)) as typeof client;
		const requests: string[] = [];
		const caller = createClient(`${server.url}/`, { token: async () => key, fetch: (url, init) => (requests.push(String(url)), fetch(url, init)) });
		const [me, keys] = await Promise.all([caller.auth.me.query(), caller.keys.list.query()]);
		const [list] = await Promise.all([caller.models.list.query(), caller.config.get.query()]);
		expect(me.username).toBe('admin');
		expect(keys[0]!.createdAt).toBeInstanceOf(Date);
		expect(list.map(({ name }) => name)).toEqual(expect.arrayContaining(['scripted', 'endless']));
		expect(requests.map((url) => new URL(url).pathname)).toEqual(['/trpc/auth.me', '/trpc/keys.list', '/trpc/models.list,config.get']);
		const failed = await caller.models.details.query({ name: 'absent' }).catch((thrown: unknown) => thrown);
		expect(isClientError(failed) && [failed.data?.appCode, failed.data?.httpStatus]).toEqual(['MODEL_NOT_FOUND', 404]);
	});

	it('follows over one WebSocket with the token, leaves when the loop is left, and tells of a wrong token', async () => {
		const { createClient, isClientError } = (await import(pathToFileURL(entry).href)) as typeof client;
		const opened: string[] = [];
		class Counted extends WebSocket {
			constructor(url: string | URL) {
				super(url);
				opened.push(String(url));
			}
		}
		const caller = createClient(server.url, { token: key, WebSocket: Counted });
		const { answerId } = await caller.chat.start.mutate({ model: 'endless', messages: [{ role: 'user', content: 'go on' }] });
		const seen: string[] = [];
		const watched = caller.monitoring.live.subscribe();
		for await (const { data } of caller.chat.events.subscribe({ answerId })) {
			seen.push(data.type);
			if (seen.includes('text')) break;
		}
		expect(seen[0]).toBe('accepted');
		const sample = await watched.next();
		expect(!sample.done && sample.value.data.cpu).toBeTypeOf('number');
		await watched.return?.();
		expect(opened).toHaveLength(1);
		await caller.chat.stop.mutate({ answerId });

		const stranger = createClient(server.url, { token: 'lr_wrong' });
		const failed = await stranger.chat.events.subscribe({ answerId }).next().catch((thrown: unknown) => thrown);
		expect(isClientError(failed) && failed.data?.appCode).toBe('UNAUTHORIZED');
	});
});
