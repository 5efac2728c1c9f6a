import { mkdirSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { stagingFolder, type ListedDownload } from '../../contract/downloads.ts';
import { changesOf } from '../changes.ts';
import { takeHold } from '../db/hold.ts';
import { env } from '../env.ts';
import { AppError, appErrorOf } from '../errors.ts';
import { events } from '../events.ts';
import { logger } from '../logs/logger.ts';
import { singleton } from '../singleton.ts';
import { requireDiskSpace } from './disk.ts';
import { landModel } from './land.ts';
import type { UrlLimits } from './open-url.ts';
import { allDownloads, deleteDownload, downloadById, queuedDownloads, requeueRunning, requireDownload, setDownload, type Download } from './rows.ts';
import { hostRules, hubToken } from './settings.ts';
import { Speed } from './speed.ts';
import { fileSha256, transferFile } from './transfer.ts';

const log = logger('downloads');
/** Downloads at once; more would only share the same line. */
const atOnce = 2;
/** Between two looks for what another process has put into the queue, and for the lock. */
const lookMs = 1000;
/** Between two words of progress. */
const tellMs = 500;

export type DownloadHost = {
	/** Registers a model's file; gives its name. */
	register: (path: string, signal: AbortSignal) => Promise<string>;
	limits?: UrlLimits;
	waitMs?: { firstMs: number; longestMs: number };
};
type Running = { doing: NonNullable<ListedDownload['doing']>; why: string | null; received: number[]; speed: Speed; stop: AbortController; ended: Promise<void> };

const state = singleton('downloads', () => ({
	host: undefined as DownloadHost | undefined,
	release: undefined as (() => void) | undefined,
	running: new Map<string, Running>(),
	timers: [] as NodeJS.Timeout[],
	/** bytes that have come since the start */
	bytes: 0
}));

const told = (): void => events.emit('downloads:changed', {});
const root = (): string => env().modelRoots[0]!;
const stagingOf = (id: string): string => join(root(), stagingFolder, id);
const partOf = ({ id, details }: Download, i: number): string => join(stagingOf(id), `${details.files[i]!.name}.part`);

/** Bytes of a file that are on the disk. */
function sizeOf(path: string): number {
	for (const at of [path, path.replace(/\.part$/, '')]) {
		const size = statSync(at, { throwIfNoEntry: false })?.size;
		if (size !== undefined) return size;
	}
	return 0;
}
const receivedOf = (row: Download): number[] => row.details.files.map((file, i) => sizeOf(partOf(row, i)));
const sum = (numbers: number[]): number => numbers.reduce((all, one) => all + one, 0);

/** Bytes that this download and the others under way still have to bring. */
function bytesToCome(): number {
	return allDownloads().filter((row) => row.state === 'running' || row.state === 'queued').reduce((all, row) => all + Math.max(0, (row.totalBytes ?? 0) - sum(receivedOf(row))), 0);
}

/** Refuses when the disk can't take a download beside those that are under way. @throws AppError CONFLICT */
export const requireRoomFor = (bytes: number, what: string): Promise<void> => requireDiskSpace(root(), bytes + bytesToCome(), what);

/** Whether a process that was ended had brought and checked a file, and begun to put it in place. @throws AppError CONFLICT when what lies there is another file */
async function isChecked(ready: string, target: string, sha256: string | null, signal: AbortSignal): Promise<boolean> {
	if (statSync(ready, { throwIfNoEntry: false })?.isFile()) return true; // loses its ending only once it is checked
	if (!statSync(target, { throwIfNoEntry: false })?.isFile()) return false;
	if (sha256 === null || (await fileSha256(target, signal)) !== sha256) throw new AppError('CONFLICT', `A file named ${basename(target)} lies in the models folder already. Remove it, then resume.`);
	return true;
}

/** Brings a download's files one after the other, then puts them in place and registers the model. */
async function run(row: Download, own: Running, host: DownloadHost): Promise<void> {
	const { signal } = own.stop;
	const { details } = row;
	mkdirSync(stagingOf(row.id), { recursive: true, mode: 0o700 });
	await requireDiskSpace(root(), Math.max(0, (row.totalBytes ?? 0) - sum(own.received)), row.file);
	for (const [i, file] of details.files.entries()) {
		const part = partOf(row, i);
		if (await isChecked(part.replace(/\.part$/, ''), join(root(), details.folder, file.name), file.sha256, signal)) continue;
		own.speed.reset();
		await transferFile(
			{ ...file, part, asking: { rules: hostRules(), token: hubToken(), ...(host.limits ? { limits: host.limits } : {}) } },
			{
				onBytes(received) {
					if (own.doing === 'transfer') state.bytes += Math.max(0, received - own.received[i]!);
					own.received[i] = received;
					own.speed.note(sum(own.received));
				},
				onCheck() {
					own.doing = 'check';
				},
				onFacts(facts) {
					Object.assign(own, { doing: 'transfer', why: null });
					if (facts.sizeBytes === file.sizeBytes && facts.sha256 === file.sha256 && facts.etag === file.etag) return;
					Object.assign(file, facts);
					const sizes = details.files.map(({ sizeBytes }) => sizeBytes);
					setDownload(row.id, { details, ...(sizes.includes(null) ? {} : { totalBytes: sum(sizes as number[]) }) });
				},
				onWait(why) {
					Object.assign(own, { doing: 'wait', why });
					own.speed.reset();
					log.warn({ download: row.file }, `The download of ${row.file} waits: ${why}`);
				}
			},
			signal,
			host.waitMs
		);
	}
	own.doing = 'check';
	const path = await landModel(details.files.map((_, i) => partOf(row, i)), details.files.map(({ name }) => name), join(root(), details.folder), signal);
	details.model = await host.register(path, signal);
	setDownload(row.id, { state: 'done', error: null, details });
	log.info({ download: row.file, model: details.model }, `Downloaded ${row.file} as ${details.model}`);
}

/** How a download that did not end well goes on. */
async function settle(row: Download, own: Running, thrown: unknown): Promise<void> {
	const { reason } = own.stop.signal;
	if (own.stop.signal.aborted && reason !== undefined) {
		if (reason === 'remove') await discard(row.id);
		else setDownload(row.id, { state: reason === 'pause' ? 'paused' : 'queued' });
		return;
	}
	const known = appErrorOf(thrown);
	const message = known ? known.errors.join('; ') || known.message : `It could not be written (${(thrown as NodeJS.ErrnoException).code ?? 'internal error'}). The log has more.`;
	if (!known) log.error({ download: row.file, err: (thrown as Error).stack }, 'A download failed unexpectedly');
	else log.error({ download: row.file, code: known.code }, `The download of ${row.file} failed: ${message}`);
	if (known?.code === 'MODEL_LOAD_ERROR') await rm(stagingOf(row.id), { recursive: true, force: true });
	setDownload(row.id, { state: 'failed', error: message, details: { ...row.details, code: known?.code ?? 'INTERNAL_ERROR' } });
}

async function discard(id: string): Promise<void> {
	deleteDownload(id);
	await rm(stagingOf(id), { recursive: true, force: true });
}

function begin(row: Download, host: DownloadHost): void {
	setDownload(row.id, { state: 'running', error: null });
	const own: Running = { doing: 'check', why: null, received: receivedOf(row), speed: new Speed(), stop: new AbortController(), ended: Promise.resolve() };
	state.running.set(row.id, own);
	own.ended = run(row, own, host)
		.catch((thrown: unknown) => settle(row, own, thrown))
		.catch((thrown: unknown) => log.error({ err: (thrown as Error).message }, 'A download could not be noted down'))
		.finally(() => {
			state.running.delete(row.id);
			told();
			pump();
		});
	told();
}

/** Begins what waits, as far as there is room. Only one process does that: whoever has the lock. */
function pump(): void {
	if (!state.host) return;
	if (!state.release) {
		state.release = takeHold(join(env().dataDir, 'downloads.lock'));
		if (!state.release) return;
		requeueRunning();
	}
	for (const row of queuedDownloads()) {
		if (state.running.size >= atOnce) break;
		if (!state.running.has(row.id)) begin(row, state.host);
	}
}

/** Goes on with what is under way, and begins what is put into the queue, by this process or another. @returns whether this process does the work */
export function openDownloads(host: DownloadHost): boolean {
	state.host = host;
	const look = () => {
		try {
			pump();
		} catch (thrown) {
			log.error({ err: (thrown as Error).message }, 'The downloads could not be looked at');
		}
	};
	look();
	state.timers = [setInterval(look, lookMs).unref(), setInterval(() => state.running.size > 0 && told(), tellMs).unref()];
	return state.release !== undefined;
}

/** Stops in mid-file; the next start goes on. */
export async function closeDownloads(): Promise<void> {
	state.host = undefined;
	for (const timer of state.timers.splice(0)) clearInterval(timer);
	const running = [...state.running.values()];
	for (const { stop } of running) stop.abort('stop');
	await Promise.all(running.map(({ ended }) => ended));
	state.release?.();
	state.release = undefined;
}

/** Looks at the queue now. */
export function queueChanged(): void {
	told();
	pump();
}

/** Keeps what has come. @throws AppError NOT_FOUND */
export async function pauseDownload(id: string): Promise<void> {
	const row = requireDownload(id);
	const own = state.running.get(id);
	own?.stop.abort('pause');
	await own?.ended;
	if (!own && row.state === 'queued') setDownload(id, { state: 'paused' });
	told();
}

/** Goes on with a paused or failed one. @throws AppError NOT_FOUND, CONFLICT when the disk can't take it */
export async function resumeDownload(id: string): Promise<void> {
	const row = requireDownload(id);
	if (row.state !== 'paused' && row.state !== 'failed') return;
	await requireRoomFor(Math.max(0, (row.totalBytes ?? 0) - sum(receivedOf(row))), row.file);
	setDownload(id, { state: 'queued', error: null });
	queueChanged();
}

/** Cancels one that is not done, and takes it off the list; a model that is done stays. @throws AppError NOT_FOUND */
export async function removeDownload(id: string): Promise<void> {
	requireDownload(id);
	const own = state.running.get(id);
	own?.stop.abort('remove');
	await own?.ended;
	if (downloadById(id)?.state === 'done') deleteDownload(id);
	else await discard(id);
	told();
}

function listed(row: Download): ListedDownload {
	const own = state.running.get(row.id);
	const received = row.state === 'done' ? (row.totalBytes ?? 0) : sum(own?.received ?? receivedOf(row));
	const speed = own?.doing === 'transfer' ? own.speed.bytesPerSecond() : null;
	const left = row.totalBytes === null || !speed ? null : Math.ceil(Math.max(0, row.totalBytes - received) / speed);
	return {
		id: row.id,
		source: row.source,
		file: row.file,
		parts: row.details.files.length,
		state: row.state,
		doing: own?.doing ?? null,
		receivedBytes: received,
		totalBytes: row.totalBytes,
		bytesPerSecond: speed,
		secondsLeft: left,
		verifiable: row.details.files.every(({ sha256 }) => sha256 !== null),
		error: row.error !== null ? { code: row.details.code ?? 'INTERNAL_ERROR', message: row.error } : own?.why ? { code: 'UPSTREAM_UNAVAILABLE', message: own.why } : null,
		model: row.details.model ?? null,
		createdAt: row.createdAt
	};
}

/** The newest first. */
export const listDownloads = (): ListedDownload[] => allDownloads().map(listed);

/** The list, now and as it changes: twice a second while something comes. */
export async function* followDownloads(signal: AbortSignal): AsyncGenerator<ListedDownload[], void, void> {
	for await (const _ of changesOf(['downloads:changed'], signal)) yield listDownloads();
}

/** Whether this process is the one that does the work. */
export const worksDownloads = (): boolean => state.release !== undefined;

/** For metrics: downloads that run now, and bytes that have come since the start. */
export const downloadFigures = (): { running: number; bytes: number } => ({ running: state.running.size, bytes: state.bytes });

/** The row of a model that is there or under way already, if the same was asked for before. @throws AppError CONFLICT when its file lies there */
export function earlierDownload(source: string, file: string, folder: string): Download | undefined {
	const row = allDownloads().find((one) => one.source === source && one.file === file && one.state !== 'done');
	if (!row && statSync(join(root(), folder, file), { throwIfNoEntry: false }))
		throw new AppError('CONFLICT', `${file} of ${source} is here already: ${join(folder, file)} in the models folder.`);
	return row;
}
