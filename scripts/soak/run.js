// `npm run soak [name …]`: the long and heavy checks, whole; `name=5` hands a script its own argument, most often minutes. Each is a script of its own that prints a Markdown table of what it
// measured and ends with 1 when a line does not hold; npm test runs a seeded sample of each. The tables go to results/, to be committed.
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';

const folder = import.meta.dirname;
const results = join(folder, 'results');
const all = readdirSync(folder).filter((name) => name.endsWith('.ts')).map((name) => name.slice(0, -3)).sort();
const wanted = process.argv.slice(2).map((given) => given.split('='));
const unknown = wanted.map(([name]) => name).find((name) => !all.includes(name));
if (unknown) {
	console.error(`There is no long check "${unknown}". There are: ${all.join(', ')}.`);
	process.exit(1);
}

/** @type {import('node:child_process').ChildProcess | undefined} */
let running;
process.on('SIGTERM', () => {
	running?.kill();
	process.exit(143);
});

/** @returns {Promise<{ code: number | null, output: string }>} */
function runScript(name, args) {
	return new Promise((resolve) => {
		let output = '';
		const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', join(folder, `${name}.ts`), ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
		running = child;
		child.stdout.on('data', (chunk) => {
			output += chunk;
			process.stdout.write(chunk);
		});
		child.once('close', (code) => resolve({ code, output }));
	});
}

mkdirSync(results, { recursive: true });
const machine = `${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB memory, Node ${process.versions.node}`;
const failed = [];
for (const [name, ...args] of wanted.length ? wanted : all.map((each) => [each])) {
	console.log(`\n## ${name}\n`);
	const startedAt = Date.now();
	const { code, output } = await runScript(name, args);
	if (code !== 0) failed.push(name);
	writeFileSync(join(results, `${name}.md`), `${output.trim()}\n\n${code === 0 ? 'Held' : 'NOT held'}${args.length ? `, run with ${args.join(' ')}` : ''}, in ${Math.round((Date.now() - startedAt) / 1000)} s on ${machine}.\n`);
}
console.log(failed.length ? `\nNot held: ${failed.join(', ')}.` : '\nAll held.');
process.exitCode = failed.length ? 1 : 0;
