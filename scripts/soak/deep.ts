/** Tests of which `npm test` takes a share by name (tests/support/sample.ts), all of them. Needs the build. */
import { execFile } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

type Report = { testResults: { name: string; startTime: number; endTime: number; assertionResults: { status: string; fullName: string }[] }[] };

const root = resolve(import.meta.dirname, '../..');
const file = join(tmpdir(), `llama-runner-deep-${process.pid}.json`);
await new Promise((done) =>
	execFile(
		process.execPath,
		[join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--reporter=json', `--outputFile=${file}`, 'src/lib/server/pool/pool.test.ts', 'tests/support/soak/hostile-files.test.ts'],
		{ cwd: root, env: { ...process.env, TESTS: 'all', BUILT_ENGINE: '1' }, maxBuffer: 2 ** 28 },
		done
	)
);
const { testResults } = JSON.parse(readFileSync(file, 'utf8')) as Report;
rmSync(file);

console.log('| Tests | passed | failed | seconds |\n|---|--:|--:|--:|');
let failed = 0;
for (const { name, startTime, endTime, assertionResults } of testResults) {
	const bad = assertionResults.filter(({ status }) => status !== 'passed');
	failed += bad.length;
	console.log(`| ${name.slice(root.length + 1)} | ${assertionResults.length - bad.length} | ${bad.length} | ${((endTime - startTime) / 1000).toFixed(1)} |`);
	for (const { fullName } of bad) console.error(`failed: ${fullName}`);
}
process.exitCode = failed > 0 ? 1 : 0;
