import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { root } from './place.js';

const children = new Set();
let ending;

/** `node` comes first in the PATH, so that what a child starts by that name is the same Node; a variable set to undefined is left out. */
function environment(node, extra) {
	const env = { ...process.env, ...extra };
	const name = Object.keys(env).find((key) => key.toUpperCase() === 'PATH') || 'PATH';
	env[name] = [dirname(node), env[name]].filter(Boolean).join(delimiter);
	for (const key of Object.keys(env)) if (env[key] === undefined) delete env[key];
	return env;
}

/**
 * Runs a script under `node` in the checkout and resolves to `{ code, output }`: its exit code (128 + n for a signal) and,
 * with `capture`, what it wrote. Its channel ties it to the launcher (ends-with-parent.cjs), and closing that is how it is
 * asked to stop: a Ctrl-C in the terminal reaches it as well, and one signal is enough. A `service` runs until it is
 * stopped, so that its own code tells whether it stopped well. `nodeArgs` are for Node itself.
 */
export function run(node, script, args, { env = {}, capture = false, service = false, nodeArgs = [] } = {}) {
	const child = fork(script, args, {
		cwd: root,
		execPath: node,
		execArgv: [...nodeArgs, '--require', join(root, 'scripts/launch/ends-with-parent.cjs')],
		env: environment(node, env),
		stdio: capture ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['inherit', 'inherit', 'inherit', 'ipc']
	});
	children.add(child);
	let output = '';
	for (const stream of [child.stdout, child.stderr]) if (stream) stream.setEncoding('utf8').on('data', (text) => (output += text));
	const codeOf = (code, signal) => (code === null ? 128 + (constants.signals[signal] || 0) : code);
	child.once('exit', (code, signal) => {
		children.delete(child);
		if (ending && children.size === 0) process.exit(service ? codeOf(code, signal) : ending.code);
	});
	return new Promise((resolve, reject) => {
		child.once('error', reject);
		// Not called after a disconnect: a launcher that is told to end starts nothing more.
		child.once('close', (code, signal) => ending || resolve({ code: codeOf(code, signal), output }));
	});
}

/** Asks every child to stop. They are killed when told again a second later (npm repeats the terminal's Ctrl-C at once), or after ten. */
function end(signal) {
	const again = ending && Date.now() - ending.since > 1000;
	if (ending && !again) return;
	ending = ending || { code: 128 + constants.signals[signal], since: Date.now() };
	for (const child of children) {
		if (again) child.kill('SIGKILL');
		else if (child.connected) child.disconnect();
	}
	if (children.size === 0) process.exit(ending.code);
	setTimeout(() => end(signal), 10_000);
}

export function endOnSignals() {
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end);
}

/** A process' name and its parent's pid, from /proc; nothing where there is none. */
function lookUp(pid) {
	try {
		const [, name, parent] = /\((.*)\) \S+ (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'));
		return { name, parent };
	} catch {
		return {};
	}
}

/**
 * Ends the launcher when the npm that runs it is killed. The shell that npm puts between the two outlives it, so then the
 * shell's parent is watched. Without npm there is nobody to follow: the launcher may have been sent to the background.
 */
export function endWithParent() {
	if (!process.env.npm_lifecycle_event) return;
	const parent = process.ppid;
	const shell = /sh$|busybox/.test(lookUp(parent).name) ? parent : undefined;
	const npm = shell && lookUp(shell).parent;
	const watch = setInterval(() => {
		if (process.ppid === parent && (!shell || lookUp(shell).parent === npm)) return;
		clearInterval(watch);
		end('SIGTERM');
	}, 250);
	watch.unref();
}
