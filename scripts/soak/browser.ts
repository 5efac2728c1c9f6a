/** Every journey of the browser tests, at a desktop's and a phone's width; `npm test` leaves out those tagged @deep, and most on a phone. Needs the build. */
import { execFile } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

type Spec = { title: string; ok: boolean; tests: { projectName: string; status: string; results: { duration: number; error?: { message: string } }[] }[] };
type Suite = { file: string; specs: Spec[]; suites?: Suite[] };

const root = resolve(import.meta.dirname, '../..');
const file = join(tmpdir(), `llama-runner-browser-${process.pid}.json`);
await new Promise((done) =>
	execFile(
		process.execPath,
		[join(root, 'node_modules/@playwright/test/cli.js'), 'test', '--reporter', 'json'],
		{ cwd: root, env: { ...process.env, EVERY_JOURNEY: '1', PLAYWRIGHT_JSON_OUTPUT_FILE: file }, maxBuffer: 2 ** 28 },
		done
	)
);
const { suites } = JSON.parse(readFileSync(file, 'utf8')) as { suites: Suite[] };
rmSync(file);

const specsOf = (suite: Suite): Spec[] => [...suite.specs, ...(suite.suites ?? []).flatMap(specsOf)];
console.log('| Journeys | passed | failed | seconds |\n|---|--:|--:|--:|');
let failed = 0;
for (const suite of suites) {
	const specs = specsOf(suite);
	const bad = specs.filter(({ ok }) => !ok);
	const seconds = specs.flatMap(({ tests }) => tests.flatMap(({ results }) => results)).reduce((sum, { duration }) => sum + duration, 0) / 1000;
	failed += bad.length;
	console.log(`| ${suite.file} | ${specs.length - bad.length} | ${bad.length} | ${seconds.toFixed(1)} |`);
	for (const { title, tests } of bad)
		for (const { projectName, status, results } of tests) if (status === 'unexpected') console.error(`failed: ${projectName}: ${suite.file}: ${title}: ${results.at(-1)?.error?.message}`);
}
process.exitCode = failed > 0 ? 1 : 0;
