import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.js';
import { withLock } from './lock.js';
import { requireWritable, root, runtimeDir, say, Stop } from './place.js';
import { run } from './process.js';

const reports = join(runtimeDir, 'reports');
const bin = {
	kit: join(root, 'node_modules/@sveltejs/kit/svelte-kit.js'),
	oxlint: join(root, 'node_modules/oxlint/bin/oxlint'),
	eslint: join(root, 'node_modules/eslint/bin/eslint.js'),
	check: join(root, 'node_modules/svelte-check/bin/svelte-check'),
	vitest: join(root, 'node_modules/vitest/vitest.mjs'),
	playwright: join(root, 'node_modules/@playwright/test/cli.js')
};
const env = { NODE_ENV: undefined };

/** Runs one step and prints its line. A step that fails without a failed test (a lint error, a broken build) counts as one. */
async function step(name, work) {
	const began = Date.now();
	const { code, output = '', passed = 0, failed = 0, skipped = 0 } = await work();
	const bad = code === 0 ? failed : Math.max(failed, 1);
	if (code !== 0 && output) say(output.trimEnd());
	const counts = [
		[passed, 'passed'],
		[bad, 'failed'],
		[skipped, 'skipped']
	]
		.filter(([count]) => count > 0)
		.map(([count, word]) => `, ${count} ${word}`);
	say(`${bad ? '✗' : '✓'} ${name}: ${((Date.now() - began) / 1000).toFixed(1)} s${counts.join('')}`);
	return { passed, failed: bad };
}

const tool = (node, script, args) => () => run(node, script, args, { env, capture: true });

/** Svelte's files have their own rules and parser; all others are read in a tenth of the time. */
const lint = (node) => async () => {
	const most = await tool(node, bin.oxlint, ['--deny-warnings'])();
	return most.code === 0 ? tool(node, bin.eslint, ['.', '--max-warnings=0'])() : most;
};

function buildStep(node) {
	const building = build(node);
	return async () => {
		if (!building.stale()) return { code: 0 };
		try {
			await withLock(() => building.stale() && building.run());
			return { code: 0 };
		} catch (error) {
			if (error instanceof Stop) return { code: 1, output: error.message };
			throw error;
		}
	};
}

/** Runs a test runner with its readable output, and reads its totals from the report it leaves. No test at all is a failure. */
async function counted(node, script, args, name, extraEnv, totalsOf) {
	const file = join(reports, `${name}.json`);
	rmSync(file, { force: true });
	const { code } = await run(node, script, args(file), { env: { ...env, ...extraEnv(file) } });
	try {
		const totals = totalsOf(JSON.parse(readFileSync(file, 'utf8')));
		return totals.passed + totals.failed > 0 ? { code, ...totals } : { code: code || 1, output: `${name}: no test ran`, ...totals };
	} catch {
		return { code: code || 1, output: `${name}: no report was written` };
	}
}

const vitest = (node, name, args, extraEnv = {}) => () =>
	counted(
		node,
		bin.vitest,
		(file) => ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`, '--allowOnly=false', ...args],
		name,
		() => extraEnv,
		(report) => ({ passed: report.numPassedTests, failed: report.numFailedTests, skipped: report.numPendingTests + report.numTodoTests })
	);

const playwright = (node, args) => () =>
	counted(
		node,
		bin.playwright,
		() => ['test', '--reporter=list,json', '--forbid-only', ...args],
		'browser',
		(file) => ({ PLAYWRIGHT_JSON_OUTPUT_FILE: file }),
		({ stats }) => ({ passed: stats.expected + stats.flaky, failed: stats.unexpected, skipped: stats.skipped })
	);

/** Everything, in the order that tells most soonest. Lint and types share the two cores with the build, never with tests that measure time. */
async function everything(node) {
	const results = [await step('sync', tool(node, bin.kit, ['sync']))];
	const checks = async () => {
		results.push(await step('lint', lint(node)));
		results.push(await step('types', tool(node, bin.check, ['--tsgo', '--tsconfig', './tsconfig.json', '--threshold', 'warning'])));
	};
	const [built] = await Promise.all([step('build', buildStep(node)), checks()]);
	// Fetched while the tests that need none run: most of it is waiting for the network.
	const browser = built.failed ? undefined : run(node, join(root, 'scripts/launch/fetch-browser.js'), [], { env, capture: true });
	results.push(built, await step('unit', vitest(node, 'unit', ['--project', 'unit*'], built.failed ? {} : { BUILT_ENGINE: '1' })));
	if (built.failed) {
		say('contract and browser tests need the build: they did not run.');
		return results;
	}
	// Two of its files wait for half a minute: one more worker than for the others, and the cores have a tenth less to wait for.
	results.push(await step('contract', vitest(node, 'contract', ['--project', 'contract', '--maxWorkers=5'])));
	await browser; // what went wrong with it the next step says, which tries again
	results.push(await step('browser', playwright(node, [])));
	return results;
}

/** What was asked for: `npm test -- tests/e2e/chat.spec.ts` goes to Playwright, other arguments to vitest. Unit tests need no build. */
async function some(node, args) {
	const paths = args.filter((arg) => !arg.startsWith('-'));
	const results = [];
	if (!(paths.length > 0 && paths.every((path) => path.startsWith('src/')))) results.push(await step('build', buildStep(node)));
	const inBrowser = paths.some((path) => path.includes('tests/e2e'));
	results.push(await step(inBrowser ? 'browser' : 'tests', inBrowser ? playwright(node, args) : vitest(node, 'tests', args)));
	return results;
}

/** Runs the tests and closes with the line `N passed, N failed`. */
export async function test(node, args) {
	const began = Date.now();
	requireWritable();
	mkdirSync(reports, { recursive: true });
	const results = await (args.length > 0 ? some(node, args) : everything(node));
	const sum = (key) => results.reduce((total, result) => total + result[key], 0);
	say(`All in ${Math.round((Date.now() - began) / 1000)} s.`);
	say(`${sum('passed')} passed, ${sum('failed')} failed`);
	return { code: sum('failed') > 0 ? 1 : 0 };
}
