import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { usable } from './launch/engine-packages.js';

type Run = { child: ChildProcess; output: () => string; code: Promise<number | null> };

/** A checkout of the launcher itself around a small server: nothing to install, and a build that notes each time it runs. */
let checkout: string;
const started: Run[] = [];

function write(path: string, text: string) {
	mkdirSync(dirname(join(checkout, path)), { recursive: true });
	writeFileSync(join(checkout, path), text);
}

beforeEach(() => {
	checkout = mkdtempSync(join(tmpdir(), 'launch-'));
	const scripts = import.meta.dirname;
	for (const path of ['launch.js', 'launch']) cpSync(join(scripts, path), join(checkout, 'scripts', path), { recursive: true });
	write('package.json', JSON.stringify({ name: 'x', type: 'module', scripts: { start: 'node scripts/launch.js start', build: 'node make.js' } }));
	write('package-lock.json', JSON.stringify({ name: 'x', lockfileVersion: 3, packages: {} }));
	write('node_modules/.package-lock.json', JSON.stringify({ packages: {} }));
	write('make.js', `import fs from 'node:fs'; fs.appendFileSync('builds', 'x'); setTimeout(() => fs.mkdirSync('build', { recursive: true }), 300);`);
	write(
		'src/server.js',
		`import fs from 'node:fs';
		const tick = setInterval(() => {}, 1000);
		process.on('SIGTERM', () => { fs.writeFileSync('stopped', ''); clearInterval(tick); process.exitCode = 7; });
		console.log('up ' + process.pid + ' ' + process.argv.slice(2) + ' ' + process.execArgv.length);`
	);
});

afterEach(async () => {
	for (const { child } of started) child.kill('SIGTERM');
	await Promise.all(started.splice(0).map((run) => run.code));
	rmSync(checkout, { recursive: true, force: true });
});

function command(program: string, args: string[], env: Record<string, string> = {}): Run {
	const { PATH = '', HOME = '' } = process.env;
	const child = spawn(program, args, {
		cwd: checkout,
		env: { PATH: [dirname(process.execPath), PATH].join(delimiter), HOME, ...env },
		stdio: ['ignore', 'pipe', 'pipe']
	});
	let output = '';
	for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
	const run = { child, output: () => output, code: once(child, 'exit').then(([code]) => code as number | null) };
	started.push(run);
	return run;
}

const launch = (...args: string[]) => command(process.execPath, ['scripts/launch.js', ...args]);

async function until(what: () => boolean, run?: Run) {
	for (let i = 0; i < 600 && !what(); i++) await sleep(25);
	expect(what(), run?.output()).toBe(true);
}

async function serverOf(run: Run): Promise<number> {
	await until(() => /^up \d+/m.test(run.output()), run);
	return Number(/^up (\d+)/m.exec(run.output())![1]);
}

/** A zombie counts as gone: whoever should have waited for it was killed. */
function runs(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return process.platform !== 'linux' || !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
	} catch {
		return false;
	}
}

const builds = () => readFileSync(join(checkout, 'builds'), 'utf8').length;

async function startAndStop() {
	const run = launch('start');
	await serverOf(run);
	run.child.kill('SIGTERM');
	await run.code;
}

test('arguments reach the server, and its own exit code comes back after SIGTERM', async () => {
	const run = launch('start', '--port', '1');
	await serverOf(run);
	expect(run.output()).toMatch(/^up \d+ --port,1 0$/m);
	run.child.kill('SIGTERM');
	expect(await run.code).toBe(7);
});

test('a killed launcher leaves no server', async () => {
	const run = launch('start');
	const server = await serverOf(run);
	run.child.kill('SIGKILL');
	await until(() => !runs(server));
	expect(existsSync(join(checkout, 'stopped'))).toBe(true);
});

test('a killed npm leaves no server', async () => {
	const run = command('npm', ['start']);
	const server = await serverOf(run);
	run.child.kill('SIGKILL');
	await until(() => !runs(server));
	expect(existsSync(join(checkout, 'stopped'))).toBe(true);
});

test('a build is made again when a source has changed, not for a unit test or an unchanged tree', async () => {
	await startAndStop();
	await startAndStop();
	write('src/app.test.ts', 'test');
	await startAndStop();
	expect(builds()).toBe(1);
	write('src/app.ts', 'app');
	await startAndStop();
	expect(builds()).toBe(2);
	symlinkSync('nowhere', join(checkout, 'src/gone'));
	await startAndStop();
	expect(builds()).toBe(2);
});

test('two launchers at once set the folder up one after the other', async () => {
	const both = [launch('start'), launch('start')];
	await Promise.all(both.map(serverOf));
	expect(builds()).toBe(1);
	expect(both.map((run) => run.output()).join()).toContain('is setting this folder up');
});

test('the lock that a killed launcher left is taken over', async () => {
	const gone = spawn(process.execPath, ['-e', '']);
	await once(gone, 'exit');
	write('.runtime/lock', `${gone.pid} ${hostname()}`);
	await serverOf(launch('start'));
});

test('a registry that can not be reached is named in one message with the next step', async () => {
	write('package.json', JSON.stringify({ name: 'x', dependencies: { ws: '8.0.0' } }));
	write(
		'package-lock.json',
		JSON.stringify({ name: 'x', lockfileVersion: 3, packages: { '': { dependencies: { ws: '8.0.0' } }, 'node_modules/ws': { version: '8.0.0' } } })
	);
	const registry = { npm_config_registry: 'http://127.0.0.1:9', npm_config_cache: join(checkout, 'cache') };
	const run = command(process.execPath, ['scripts/launch.js', 'test'], registry);
	expect(await run.code).toBe(1);
	expect(run.output()).toMatch(/registry http:\/\/127\.0\.0\.1:9 can't be reached \(ECONNREFUSED\)\. Connect to the network .* and run the command again\.\n/);
	expect(run.output()).toMatch(/^0 passed, 1 failed$/m);
	expect(run.output()).not.toMatch(/^\s+at /m);
});

test('a broken lockfile is named with the next step', async () => {
	write('package-lock.json', '<<<<<<< ours');
	rmSync(join(checkout, 'node_modules'), { recursive: true });
	const run = launch('start');
	expect(await run.code).toBe(1);
	expect(run.output()).toBe('package-lock.json is missing or broken. Restore it (git checkout package-lock.json) and run the command again.\n');
});

/** A registry of an engine and, once `offered`, its binary for a GPU, both empty, and the lockfile that wants them. */
async function registryOfAnEngine() {
	const gpuPackage = `@node-llama-cpp/linux-${process.arch}-cuda`;
	const entries: Record<string, object> = { '': { dependencies: { 'node-llama-cpp': '1.0.0' } } };
	const registry = { asked: [] as string[], offered: ['/engine.tgz'], gpuPackage };
	const server = createServer(({ url = '' }, response) => {
		registry.asked.push(url);
		if (registry.offered.includes(url)) response.end(readFileSync(join(checkout, 'registry', url)));
		else response.writeHead(404).end();
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	onTestFinished(() => void server.close());
	const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	for (const [name, file, more] of [
		['node-llama-cpp', 'engine.tgz', { optionalDependencies: { [gpuPackage]: '1.0.0' } }],
		[gpuPackage, 'gpu.tgz', { optional: true, os: [process.platform], cpu: [process.arch] }]
	] as const) {
		write('registry/package/package.json', JSON.stringify({ name, version: '1.0.0', ...more }));
		execFileSync('tar', ['czf', file, 'package'], { cwd: join(checkout, 'registry') });
		entries[`node_modules/${name}`] = { version: '1.0.0', resolved: `${url}/${file}`, ...more };
	}
	write('package.json', JSON.stringify({ name: 'x', type: 'module', scripts: { build: 'node make.js' }, dependencies: { 'node-llama-cpp': '1.0.0' } }));
	write('package-lock.json', JSON.stringify({ name: 'x', lockfileVersion: 3, packages: entries }));
	return registry;
}

async function startWith(GPU_PACKAGES: string) {
	const run = command(process.execPath, ['scripts/launch.js', 'start'], { GPU_PACKAGES, npm_config_cache: join(checkout, 'cache') });
	await serverOf(run);
	run.child.kill('SIGTERM');
	await run.code;
	return run.output();
}

test('the engine for a GPU is left out where there is none, is fetched when there is one, and does not stop a start when it can not be', async () => {
	const registry = await registryOfAnEngine();
	const installed = (name: string) => existsSync(join(checkout, 'node_modules', name, 'package.json'));
	expect(await startWith('none')).toContain('Installed in');
	expect(registry.asked).toEqual(['/engine.tgz']);
	expect([installed('node-llama-cpp'), installed(registry.gpuPackage)]).toEqual([true, false]);

	expect(await startWith('all')).toMatch(
		new RegExp(
			`npm left out node_modules/${registry.gpuPackage}, .*the registry lacks it\\. Run the command again\\. Until then models run without the GPU\\.\n`
		)
	);
	expect([installed('node-llama-cpp'), installed(registry.gpuPackage)]).toEqual([true, false]);

	registry.offered.push('/gpu.tgz');
	expect(await startWith('all')).toContain('Installed in');
	expect([installed('node-llama-cpp'), installed(registry.gpuPackage)]).toEqual([true, true]);
	expect(await startWith('none')).toMatch(/^up [^\n]+\n$/); // what is there may stay
});

test('a wrong GPU_PACKAGES is named with what it may be', async () => {
	await registryOfAnEngine();
	const run = command(process.execPath, ['scripts/launch.js', 'start'], { GPU_PACKAGES: 'yes' });
	expect(await run.code).toBe(1);
	expect(run.output()).toBe('GPU_PACKAGES is "yes". Set it to auto (by the GPU of this machine), all or none.\n');
});

const gpuPackages = ['linux-x64', 'linux-x64-cuda', 'linux-x64-cuda-ext', 'linux-x64-vulkan', 'linux-arm64'].map(
	(name) => `node_modules/@node-llama-cpp/${name}`
);

test.each([
	['nothing', [], ['linux-x64']],
	["an NVIDIA driver's device", ['/dev/nvidiactl'], ['linux-x64', 'linux-x64-cuda', 'linux-x64-cuda-ext', 'linux-x64-vulkan']],
	["an NVIDIA GPU in Windows' Linux", ['/dev/dxg', '/usr/lib/wsl/lib/libcuda.so.1'], ['linux-x64', 'linux-x64-cuda', 'linux-x64-cuda-ext', 'linux-x64-vulkan']],
	["another GPU in Windows' Linux", ['/dev/dxg'], ['linux-x64', 'linux-x64-vulkan']],
	['any other GPU', ['/dev/dri/renderD128'], ['linux-x64', 'linux-x64-vulkan']]
])('with %s, Linux can use the packages that fit', (_, present, expected) => {
	const machine = { choice: 'auto', platform: 'linux', arch: 'x64', exists: (path: string) => present.includes(path) };
	expect(gpuPackages.filter((path) => usable(path, machine)).map((path) => path.split('/').pop())).toEqual(expected);
	expect(usable('node_modules/ws', machine)).toBe(true);
});

test('an unknown command is answered with the known ones', async () => {
	const run = launch('stat');
	expect(await run.code).toBe(1);
	expect(run.output()).toBe('Unknown command "stat". Use one of: start, dev, test, admin, models, backup, restore, soak.\n');
});
