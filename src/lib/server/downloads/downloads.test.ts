import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { stagingFolder, type DownloadState, type ListedDownload } from '../../contract/downloads.ts';
import { closeDatabase, openDatabase } from '../db/index.ts';
import type { Fault } from '../../../../tests/support/fake-hub/fake-hub.ts';
import { registerFile } from '../models/register-file.ts';
import { registeredModels } from '../models/registry.ts';
import { adviseOnRepo } from './advice.ts';
import { closeDownloads, listDownloads, openDownloads, pauseDownload, removeDownload, resumeDownload } from './downloads.ts';
import { listRepo, searchHub } from './hub.ts';
import { changeDownloadSettings } from './settings.ts';
import { startDownload } from './start.ts';

/** Before the settings are read, which happens once: a hub, and folders of our own. */
const { folder, hub, whole } = await vi.hoisted(async () => {
	const [{ mkdtempSync, readFileSync }, { tmpdir }, { join }, { randomBytes }] = await Promise.all([import('node:fs'), import('node:os'), import('node:path'), import('node:crypto')]);
	const [{ startFakeHub }, { splitModel, tinyModel }] = await Promise.all([import('../../../../tests/support/fake-hub/fake-hub.ts'), import('../../../../tests/support/models.ts')]);
	const folder = mkdtempSync(join(tmpdir(), 'llama-runner-test-'));
	const whole = Buffer.concat([readFileSync(tinyModel(folder)), randomBytes(600_000)]);
	const [first, second] = splitModel(folder).map((path) => readFileSync(path)) as [Buffer, Buffer];
	const hub = await startFakeHub({
		treePage: 3,
		repos: [
			{ id: 'maker/Tiny-GGUF', license: 'apache-2.0', downloads: 900, files: { 'README.md': Buffer.from('# Tiny'), 'Tiny-Q4_K_M.gguf': whole, 'Tiny-Q8_0.gguf': Buffer.concat([whole, whole]), 'mmproj-Tiny-f16.gguf': Buffer.from('GGUF'), 'Tiny.imatrix': Buffer.from('x') } },
			{ id: 'maker/Split-GGUF', license: 'mit', files: { 'Q4_K_M/Split-Q4_K_M-00001-of-00002.gguf': first, 'Q4_K_M/Split-Q4_K_M-00002-of-00002.gguf': second, 'Q8_0/Split-Q8_0-00001-of-00002.gguf': first } },
			{ id: 'maker/Gated-GGUF', gated: true, files: { 'Gated-Q4_0.gguf': whole } },
			{ id: 'maker/Broken-GGUF', files: { 'Broken-Q4_0.gguf': Buffer.concat([Buffer.from('GGUF'), randomBytes(200_000)]) } }
		]
	});
	Object.assign(process.env, { DATA_DIR: folder, HF_TOKEN: '', ...hub.settings });
	return { folder, hub, whole };
});
const { signal } = new AbortController();
const models = join(folder, 'models');
const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex');
const limits = { connectMs: 5000, headMs: 10_000, stallMs: 400 };
const host = { register: registerFile, limits, waitMs: { firstMs: 20, longestMs: 50 } };
beforeEach(() => {
	openDatabase(':memory:', resolve(import.meta.dirname, '../../../../drizzle'));
	hub.faults = [];
	hub.apiFaults = [];
	hub.seen = [];
	hub.speed = Infinity;
	openDownloads(host);
	return async () => {
		await closeDownloads();
		closeDatabase();
		for (const name of readdirSync(models)) rmSync(join(models, name), { recursive: true });
	};
});
afterAll(async () => {
	await hub.stop();
	rmSync(folder, { recursive: true, force: true });
});
mkdirSync(models, { recursive: true });

const one = (id: string): ListedDownload => listDownloads().find((row) => row.id === id)!;
async function until(id: string, ...states: DownloadState[]): Promise<ListedDownload> {
	for (let waited = 0; waited < 25_000; waited += 10) {
		if (states.includes(one(id).state)) return one(id);
		await sleep(10);
	}
	throw new Error(`still ${JSON.stringify(one(id))}`);
}
const received = async (id: string, bytes: number) => {
	while (one(id).receivedBytes < bytes) await sleep(5);
};
/** Files in the models folder that are models, by their names. */
const landed = () => readdirSync(models, { recursive: true }).map(String).filter((path) => path.endsWith('.gguf') && !path.startsWith(stagingFolder));
const start = (asked: Parameters<typeof startDownload>[0] = { repo: 'maker/Tiny-GGUF', quantization: 'q4_k_m' }) => startDownload(asked, signal);

describe('the hub', () => {
	it('is searched for repositories with GGUF files', async () => {
		expect(await searchHub('tiny', signal)).toEqual([{ repo: 'maker/Tiny-GGUF', downloads: 900, likes: 3, license: 'apache-2.0', gated: false, updatedAt: new Date('2025-02-26T22:14:08Z') }]);
		expect(hub.seen[0]!.path).toContain('filter=gguf');
		expect(await searchHub('nothing of that name', signal)).toEqual([]);
	});

	it('lists a repository\'s models over all pages: quantization, size, parts; no projectors, no split model that lacks a part', async () => {
		const { files, license } = await listRepo('maker/Tiny-GGUF', signal);
		expect(license).toBe('apache-2.0');
		expect(files.map(({ file, quantization, sizeBytes, verifiable }) => ({ file, quantization, sizeBytes, verifiable }))).toEqual([
			{ file: 'Tiny-Q4_K_M.gguf', quantization: 'Q4_K_M', sizeBytes: whole.length, verifiable: true },
			{ file: 'Tiny-Q8_0.gguf', quantization: 'Q8_0', sizeBytes: 2 * whole.length, verifiable: true }
		]);
		expect((await listRepo('maker/Split-GGUF', signal)).files).toMatchObject([{ quantization: 'Q4_K_M', parts: 2 }]);
	});

	it('advises which file fits by the header alone', async () => {
		const roomy = await adviseOnRepo('maker/Tiny-GGUF', 8e9, signal);
		expect(roomy.advice['Tiny-Q4_K_M.gguf']).toMatchObject({ verdict: 'fits', availableBytes: 8e9 });
		expect(roomy.recommended).toBe('Tiny-Q4_K_M.gguf');
		expect(hub.seen.filter(({ on }) => on === 'cdn').map(({ range }) => range)).toEqual([`bytes=0-${Math.min(2 ** 20, whole.length) - 1}`]);
		const none = await adviseOnRepo('maker/Tiny-GGUF', 10e6, signal);
		expect(Object.values(none.advice).map(({ verdict, opensWith }) => [verdict, opensWith])).toEqual([['tooLarge', null], ['tooLarge', null]]);
		expect(none.recommended).toBeNull();
	});

	it.each([
		[{ status: 429, retryAfter: 7 }, { code: 'RATE_LIMITED', retryAfterSeconds: 7 }],
		[{ status: 503 }, { code: 'UPSTREAM_UNAVAILABLE' }]
	])('answering %j is told with a code', async (fault, expected) => {
		hub.apiFaults = [fault];
		await expect(searchHub('tiny', signal)).rejects.toMatchObject(expected);
	});

	it.each([
		['nobody/Nothing', /does not exist, or is private, or the access token/],
		['maker/Tiny-GGUF', undefined]
	])('%s: %s', async (repo, message) => {
		if (message) await expect(start({ repo })).rejects.toThrow(message);
		else await expect(start({ repo, quantization: 'IQ1_S' })).rejects.toThrow('maker/Tiny-GGUF has no IQ1_S. There are: Q4_K_M, Q8_0');
	});
});

describe('a download', () => {
	it('lands whole under its repository, checked and registered, and leaves nothing behind', async () => {
		const id = await start();
		expect(await until(id, 'done', 'failed')).toMatchObject({ state: 'done', model: 'Tiny-Q4_K_M', receivedBytes: whole.length, totalBytes: whole.length, verifiable: true, error: null });
		expect(landed()).toEqual([join('maker/Tiny-GGUF', 'Tiny-Q4_K_M.gguf')]);
		expect(sha256(readFileSync(join(models, landed()[0]!)))).toBe(sha256(whole));
		expect(registeredModels().map(({ name }) => name)).toEqual(['Tiny-Q4_K_M']);
		expect(readdirSync(join(models, stagingFolder))).toEqual([]);
		await expect(start()).rejects.toThrow(/is here already/);
	});

	it('of a split model brings all parts', async () => {
		const id = await start({ repo: 'maker/Split-GGUF' });
		expect(await until(id, 'done', 'failed')).toMatchObject({ state: 'done', parts: 2, model: 'Split-Q4_K_M' });
		expect(landed().sort()).toEqual(['00001', '00002'].map((n) => join('maker/Split-GGUF', `Split-Q4_K_M-${n}-of-00002.gguf`)));
	});

	it.each<[string, Fault[]]>([
		['a body that ends too early', ['truncate']], ['a connection that is reset', ['reset', 'reset']], ['a body that stalls', ['stall']], ['a link that has expired', ['expiredLink']],
		['too many requests', [{ status: 429, retryAfter: 1 }]], ['an error of the server', [{ status: 503 }, { status: 500 }]], ['ranges that are ignored after a break', ['truncate', 'ignoreRange']],
		['bytes that are wrong after a break', ['truncate', 'wrongBytes']], ['more bytes than announced', ['longer']]
	])('survives %s', async (_what, faults) => {
		hub.faults = faults;
		const id = await start();
		expect(await until(id, 'done', 'failed')).toMatchObject({ state: 'done' });
		expect(sha256(readFileSync(join(models, landed()[0]!)))).toBe(sha256(whole));
	});

	it('goes on from the byte where it broke off', async () => {
		hub.faults = ['truncate'];
		await until(await start(), 'done');
		const [first, second, ...more] = hub.seen.filter(({ on }) => on === 'cdn').map(({ range }) => range);
		expect([first, more]).toEqual([undefined, []]);
		expect(Number(/^bytes=(\d+)-$/.exec(second!)?.[1])).toBeGreaterThan(0);
	});

	it.each<[string, Fault[], RegExp]>([
		['a wrong checksum', ['wrongBytes'], /damaged: its SHA-256 is [0-9a-f]{12}… where [0-9a-f]{12}… was announced/],
		['a page in place of the file', ['errorPage'], /has a file of \d+ bytes where one of \d+ was announced/],
		['a network that never comes back', Array<Fault>(12).fill({ status: 503 }), /503, 10 times in a row. What has come is kept/],
		['content that is gone', [{ status: 404 }], /has no Tiny-Q4_K_M.gguf/],
		['a redirect to a private address', [{ redirectTo: 'https://192.168.1.1/x.gguf' }], /not on the list of allowed hosts/],
		['a redirect to this machine', [{ redirectTo: 'http://127.0.0.1:1/x.gguf' }], /Only https is allowed/]
	])('fails with %s, says so, and puts nothing into the models folder', async (_what, faults, message) => {
		hub.faults = faults;
		const { state, error } = await until(await start(), 'done', 'failed');
		expect(error?.message).toMatch(message);
		expect([state, landed(), registeredModels()]).toEqual(['failed', [], []]);
	});

	it.each<[string, RegExp]>([['ENOSPC', /The disk of the models folder is full. Free some space, then resume/], ['EDQUOT', /quota/], ['EFBIG', /takes no file of this size/], ['a short write', /is full/]])('stops at a disk that takes no more (%s), keeps what has come, and goes on from there', async (code, message) => {
		const probe = await open(join(folder, 'probe'), 'w');
		const handles = Object.getPrototypeOf(probe) as FileHandle;
		const { write } = handles;
		let room = 300_000;
		const full = vi.spyOn(handles, 'write').mockImplementation(function (this: FileHandle, ...args: unknown[]) {
			const [chunk, , length, at] = args as [Buffer, number, number, number];
			if ((room -= length) >= 0) return Reflect.apply(write, this, args) as ReturnType<typeof write>;
			return code === 'a short write' ? (Reflect.apply(write, this, [chunk, 0, 10, at]) as ReturnType<typeof write>) : Promise.reject(Object.assign(new Error(code), { code }));
		});
		try {
			const id = await start();
			const { state, error, receivedBytes } = await until(id, 'done', 'failed');
			expect([state, error?.code, error?.message, landed(), registeredModels()]).toEqual(['failed', 'CONFLICT', expect.stringMatching(message), [], []]);
			expect(receivedBytes).toBeGreaterThan(0);
			full.mockRestore();
			await resumeDownload(id);
			expect(await until(id, 'done')).toMatchObject({ model: 'Tiny-Q4_K_M' });
			expect(sha256(readFileSync(join(models, landed()[0]!)))).toBe(sha256(whole));
			expect(hub.seen.filter(({ on }) => on === 'cdn').at(-1)!.range).toMatch(/^bytes=[1-9]/);
		} finally {
			full.mockRestore();
			await probe.close();
		}
	});

	it('that is whole but no model is refused', async () => {
		const { state, error } = await until(await start({ repo: 'maker/Broken-GGUF' }), 'done', 'failed');
		expect([state, error?.code, landed()]).toEqual(['failed', 'MODEL_LOAD_ERROR', []]);
	});

	it('is paused and resumed, over a restart too, and told with speed and time left', async () => {
		hub.speed = 400_000;
		const id = await start();
		await received(id, 300_000);
		await pauseDownload(id);
		const { state, receivedBytes } = one(id);
		expect(state).toBe('paused');
		expect(receivedBytes).toBeGreaterThanOrEqual(300_000);
		await resumeDownload(id);
		await received(id, receivedBytes + 100_000);
		expect(one(id)).toMatchObject({ state: 'running', doing: 'transfer' });
		await closeDownloads();
		expect(one(id).state).toBe('queued');
		hub.speed = 2_000_000;
		openDownloads(host);
		while (one(id).secondsLeft === null && one(id).state !== 'done') await sleep(5);
		expect(await until(id, 'done', 'failed')).toMatchObject({ state: 'done' });
		expect(hub.seen.filter(({ on }) => on === 'cdn').map(({ range }) => Number(/\d+/.exec(range ?? '0')![0]) > 0)).toEqual([false, true, true]);
	});

	it('is cancelled without a trace', async () => {
		hub.speed = 300_000;
		const id = await start();
		await received(id, 100_000);
		await removeDownload(id);
		expect([listDownloads(), readdirSync(join(models, stagingFolder)), landed()]).toEqual([[], [], []]);
	});

	it('asked for twice is one, and two run at once', async () => {
		hub.speed = 300_000;
		const first = await start();
		expect(await start()).toBe(first);
		await start({ repo: 'maker/Tiny-GGUF', quantization: 'Q8_0' });
		const third = await start({ repo: 'maker/Split-GGUF' });
		expect(listDownloads().filter(({ state }) => state === 'running')).toHaveLength(2);
		expect(one(third).state).toBe('queued');
	});

	it('of a gated repository says what to do, and works with the right token, which goes to the hub alone', async () => {
		const id = await start({ repo: 'maker/Gated-GGUF' });
		expect((await until(id, 'failed', 'done')).error?.message).toMatch(/is gated. Accept its terms/);
		changeDownloadSettings({ token: 'hf_other' });
		await resumeDownload(id);
		await sleep(50);
		expect((await until(id, 'failed', 'done')).error?.message).toMatch(/is gated/);
		changeDownloadSettings({ token: 'hf_right' });
		await resumeDownload(id);
		expect(await until(id, 'done')).toMatchObject({ model: 'Gated-Q4_0' });
		expect(hub.seen.filter(({ on, authorization }) => on === 'cdn' && authorization)).toEqual([]);
	});

	it('of a URL takes the checksum that is given', async () => {
		const url = `http://${hub.cdnHost}/plain/Tiny-Q4_K_M.gguf`;
		const wrong = await start({ url, sha256: '0'.repeat(64) });
		expect((await until(wrong, 'failed', 'done')).error?.message).toMatch(/damaged/);
		await removeDownload(wrong);
		const id = await start({ url, sha256: sha256(whole) });
		expect(await until(id, 'done', 'failed')).toMatchObject({ state: 'done', totalBytes: whole.length, verifiable: true });
	});

	it.each([
		['http://127.0.0.1:1/x.gguf', /Only https/], ['https://example.org/x.gguf', /not on the list/], ['https://huggingface.co/..%2f..%2fetc%2fpasswd', /must end with .gguf/], ['https://huggingface.co/x-00001-of-00002.gguf', /split model/]
	])('of %s is refused', async (url, message) => {
		const refusal = await start({ url }).catch((error: unknown) => error as { message: string; errors: string[] });
		expect(typeof refusal === 'string' ? '' : [refusal.message, ...refusal.errors].join(' ')).toMatch(message);
	});
});
