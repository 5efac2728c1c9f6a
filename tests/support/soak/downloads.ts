import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startFakeHub, type Fault } from '../fake-hub/fake-hub.ts';
import type { Random } from '../gguf/random.ts';
import { tinyModel } from '../models.ts';
import { signIn } from '../sign-in.ts';
import { startServer } from '../start-server.ts';
import { trpcClient } from '../trpc-client.ts';

export type DownloadKills = {
	kills: number;
	/** kills that came while bytes did; the others came while the part was read again, checked or put in place */
	inTransfer: number;
	/** requests that went on from the middle of the file */
	resumed: number;
	downloads: number;
	/** faults of the network on the way */
	faults: number;
	/** what does not hold */
	wrong: string[];
};

const faults: Fault[] = ['truncate', 'reset', 'wrongBytes', 'expiredLink', { status: 503 }];
const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex');

/**
 * Downloads a model while the server is killed with SIGKILL at random moments and the network fails now and then; each time it starts
 * again on the same data. In the end the file must be there with the right checksum, registered; and at no moment, after no kill, may
 * there be anything else under its name.
 * @param megabytes of the model's file
 */
export async function killDownloads(kills: number, megabytes: number, random: Random): Promise<DownloadKills> {
	const report: DownloadKills = { kills: 0, inTransfer: 0, resumed: 0, downloads: 0, faults: 0, wrong: [] };
	const dataDir = await mkdtemp(join(tmpdir(), 'llama-runner-downloads-'));
	const model = readFileSync(tinyModel(dataDir, { fileName: 'seed.gguf' }));
	const filling = Buffer.alloc(Math.max(0, megabytes * 1e6 - model.length));
	for (let at = 0; at < filling.length; at += 4096) filling.writeUInt32LE(Math.floor(random.unit() * 2 ** 32), at);
	const content = Buffer.concat([model, filling]);
	const hub = await startFakeHub({ repos: [{ id: 'maker/Big-GGUF', files: { 'Big-Q4_K_M.gguf': content } }] });
	hub.speed = content.length / 1.5;
	const start = () => startServer({ DATA_DIR: dataDir, RATE_LIMIT_USER: '0', RATE_LIMIT_LOGIN: '0', ...hub.settings });
	const landed = join(dataDir, 'models/maker/Big-GGUF/Big-Q4_K_M.gguf');
	const staging = join(dataDir, 'models/.downloads');
	const look = (when: string) => {
		if (existsSync(landed) && sha256(readFileSync(landed)) !== sha256(content)) report.wrong.push(`${when}: another file under the model's name`);
	};
	let server = await start();
	try {
		const caller = await signIn(server);
		while (report.kills < kills) {
			const { id } = await trpcClient(server, caller).downloads.start.mutate({ repo: 'maker/Big-GGUF' });
			report.downloads++;
			for (let state = 'queued'; state !== 'done'; ) {
				if (report.kills < kills) {
					if (random.unit() < 0.5) {
						hub.faults = [random.pick(faults)];
						report.faults++;
					}
					await sleep(random.unit() * 900);
					const before = (await trpcClient(server, caller).downloads.list.query()).find((row) => row.id === id);
					if (before?.doing === 'transfer') report.inTransfer++;
					await server.stop({ signal: 'SIGKILL', keepData: true });
					look(`after kill ${++report.kills}`);
					server = await start();
				}
				const deadline = Date.now() + (report.kills < kills ? 0 : 60_000);
				do {
					const row = (await trpcClient(server, caller).downloads.list.query()).find((one) => one.id === id);
					state = row?.state ?? 'gone';
					// A first attempt whose bytes are wrong fails for good, as it should; the person resumes.
					if (state === 'failed' && /damaged/.test(row?.error?.message ?? '')) await trpcClient(server, caller).downloads.resume.mutate({ id });
					else if (state === 'failed' || state === 'gone') throw new Error(`the download is ${state}: ${row?.error?.message}`);
					if (state !== 'done' && deadline > Date.now()) await sleep(50);
				} while (state !== 'done' && deadline > Date.now());
				if (state !== 'done' && report.kills >= kills) throw new Error(`the download did not end within a minute: ${state}`);
			}
			look('at the end');
			if (!existsSync(landed)) report.wrong.push('the file is not in the models folder');
			if (existsSync(staging) && readdirSync(staging).length) report.wrong.push('something was left in the staging folder');
			const names = (await trpcClient(server, caller).models.list.query()).map(({ name }) => name);
			if (names.filter((name) => name.startsWith('Big-Q4_K_M')).length !== 1) report.wrong.push(`registered: ${names.join(', ')}`);
			await trpcClient(server, caller).downloads.remove.mutate({ id });
			await rm(landed, { force: true });
		}
		report.resumed = hub.seen.filter(({ on, range }) => on === 'cdn' && range !== undefined && !range.startsWith('bytes=0-')).length;
	} catch (error) {
		report.wrong.push((error as Error).message);
	} finally {
		await server.stop({ keepData: true });
		await hub.stop();
		await rm(dataDir, { recursive: true, force: true });
	}
	return report;
}
