import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFakeHub, type FakeHub } from '../support/fake-hub/fake-hub.ts';
import { temporaryFolder } from '../support/folder.ts';
import { createRandom } from '../support/gguf/random.ts';
import { tinyModel } from '../support/models.ts';
import { signIn } from '../support/sign-in.ts';
import { killDownloads } from '../support/soak/downloads.ts';
import { startServer, type RunningServer } from '../support/start-server.ts';
import { trpcClient } from '../support/trpc-client.ts';

const root = resolve(import.meta.dirname, '../..');

it('a server killed at random moments of a download goes on with it, and the checksum holds (3 of 20: npm run soak downloads)', async () => {
	const report = await killDownloads(3, 12, createRandom(4, 'downloads'));
	expect(report.wrong).toEqual([]);
	expect(report.kills).toBe(3);
	expect(report.downloads).toBeGreaterThan(0);
}, 120_000);

describe('npm run models', () => {
	const content = readFileSync(tinyModel(temporaryFolder()));
	let hub: FakeHub;
	let server: RunningServer;
	beforeAll(async () => {
		hub = await startFakeHub({ repos: [{ id: 'maker/Tiny-GGUF', license: 'mit', files: { 'Tiny-Q4_0.gguf': content, 'Tiny-Q8_0.gguf': content } }, { id: 'maker/Gated-GGUF', gated: true, files: { 'Gated-Q4_0.gguf': content } }] });
		server = await startServer({ ...hub.settings, RATE_LIMIT_LOGIN: '0' });
	});
	afterAll(async () => {
		await server.stop();
		await hub.stop();
	});

	/** Less what the launcher sets up. */
	async function models(dataDir: string, ...args: string[]): Promise<{ code: number; output: string }> {
		try {
			const { stdout, stderr } = await promisify(execFile)(process.execPath, ['scripts/models.ts', ...args], { cwd: root, env: { PATH: process.env.PATH, DATA_DIR: dataDir, ...hub.settings } });
			return { code: 0, output: stdout + stderr };
		} catch (error) {
			const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
			return { code, output: stdout + stderr };
		}
	}

	it('pulls while the server runs: the server brings it, and has it at once', async () => {
		const { code, output } = await models(server.dataDir, 'pull', 'maker/Tiny-GGUF:q8_0');
		expect(code, output).toBe(0);
		expect(output).toMatch(/The server runs and brings it[^]*Registered as Tiny-Q8_0\./);
		const caller = trpcClient(server, await signIn(server));
		expect((await caller.models.list.query()).map(({ name }) => name)).toEqual(['Tiny-Q8_0']);
		expect((await caller.audit.list.query({ action: 'models.' })).entries).toMatchObject([{ action: 'models.pull', target: 'maker/Tiny-GGUF:q8_0' }]);
	});

	it('pulls while no server runs, and lists', async () => {
		const folder = temporaryFolder();
		const { code, output } = await models(folder, 'pull', 'maker/Tiny-GGUF');
		expect(code, output).toBe(0);
		expect(output).toMatch(/Registered as Tiny-Q4_0\./);
		expect(readFileSync(join(folder, 'models/maker/Tiny-GGUF/Tiny-Q4_0.gguf')).equals(content)).toBe(true);
		expect((await models(folder, 'list')).output).toMatch(/maker\/Tiny-GGUF +Tiny-Q4_0.gguf +done: .*registered as Tiny-Q4_0/);
	});

	it('ends with 1 and says what to do when it can\'t', async () => {
		const folder = temporaryFolder();
		const { code, output } = await models(folder, 'pull', 'maker/Gated-GGUF');
		expect(code).toBe(1);
		expect(output).toMatch(/is gated. Accept its terms/);
		expect(existsSync(join(folder, 'models/maker'))).toBe(false);
	});

	it('metrics count what runs and what has come; a token is never told and lies encrypted', async () => {
		const caller = trpcClient(server, await signIn(server));
		expect(await caller.downloads.changeSettings.mutate({ token: 'hf_secret_value', allowedHosts: ['Models.example.org'] })).toMatchObject({ token: 'set', allowedHosts: ['models.example.org'] });
		expect(readFileSync(join(server.dataDir, 'llama-runner.sqlite')).includes('hf_secret_value')).toBe(false);
		expect(JSON.stringify((await caller.audit.list.query({ action: 'downloads.' })).entries)).not.toContain('hf_secret_value');
		const metrics = await (await fetch(`${server.url}/metrics`)).text();
		expect(metrics).toMatch(/^downloads_in_progress 0$/m);
		expect(Number(/^downloads_received_bytes (\d+)$/m.exec(metrics)?.[1])).toBeGreaterThanOrEqual(content.length);
	});
});
