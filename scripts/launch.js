// The two commands, `npm start` and `npm test`, and their siblings `dev`, `admin`, `models`, `backup`, `restore` and `soak`: each does all of its own set-up.
// Plain JavaScript that Node 14.18 and later can run: everything that needs the real Node runs in a child of it.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './launch/build.js';
import { install } from './launch/install.js';
import { withLock } from './launch/lock.js';
import { chooseNode } from './launch/node.js';
import { root, Stop, writeProblem } from './launch/place.js';
import { endOnSignals, endWithParent, run } from './launch/process.js';
import { nodeArgs } from './launch/server-args.js';
import { test } from './launch/test.js';

/** Makes the checkout ready: the right Node, the packages and, when asked for, the build. Takes no lock and writes nothing when all is in place. */
async function prepare(withBuild) {
	const node = chooseNode();
	const [fetching, building] = [[node, install()], withBuild ? [build(node.path)] : []];
	const stale = (step) => step.stale();
	if ([...fetching, ...building].some(stale)) {
		await withLock(async () => {
			const ends = await Promise.allSettled(fetching.filter(stale).map((step) => step.run())); // all of them: none may go on without the lock
			for (const { status, reason } of ends) if (status === 'rejected') throw reason;
			for (const step of building.filter(stale)) await step.run();
		});
	}
	return node.path;
}

/** A script of one task, which needs no build. */
async function runScript(file, args) {
	const node = await prepare(false);
	return run(node, join(root, 'scripts', file), args, { env: { NODE_ENV: undefined } });
}

const commands = {
	async start(args) {
		const node = await prepare(true);
		return run(node, join(root, 'src/server.js'), args, { service: true, nodeArgs });
	},
	async dev(args) {
		const node = await prepare(false);
		return run(node, join(root, 'node_modules/vite/bin/vite.js'), ['dev', ...args], { env: { NODE_ENV: undefined }, service: true });
	},
	async test(args) {
		return test(await prepare(false), args);
	},
	admin: (args) => runScript('admin.ts', args),
	models: (args) => runScript('models.ts', args),
	backup: (args) => runScript('backup.ts', args),
	restore: (args) => runScript('restore.ts', args),
	async soak(args) {
		const script = join(root, 'scripts/soak/run.js');
		if (!existsSync(script)) throw new Stop('There are no long checks yet: scripts/soak/run.js is missing.');
		const node = await prepare(true);
		return run(node, script, args, { env: { NODE_ENV: undefined } });
	}
};

async function main(name, ...args) {
	if (!Object.keys(commands).includes(name))
		throw new Stop(`Unknown command ${name ? `"${name}"` : '(none)'}. Use one of: ${Object.keys(commands).join(', ')}.`);
	endOnSignals();
	endWithParent();
	const { code } = await commands[name](args);
	process.exitCode = code;
}

main(...process.argv.slice(2)).catch((error) => {
	console.error((error instanceof Stop && error.message) || writeProblem(error.code) || error);
	if (process.argv[2] === 'test') console.log('0 passed, 1 failed'); // nothing was tested, and that is no success
	process.exitCode = 1;
});
