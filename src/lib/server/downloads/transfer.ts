import { createHash, type Hash } from 'node:crypto';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { AppError } from '../errors.ts';
import { refusalOf } from './hub.ts';
import { Interrupted, interruption, openUrl, type Answer, type Asking } from './open-url.ts';

/** A file that is to be had, and what is known of it. */
export type Wanted = { url: string; sizeBytes: number | null; sha256: string | null; /** of the state the part on the disk belongs to, where no checksum is known */ etag?: string | null };
export type Transfer = Wanted & {
	/** where the bytes go until they are all there; kept between attempts, also over a restart */
	part: string;
	asking: Omit<Asking, 'headers'>;
};

export type TransferNews = {
	/** bytes on the disk */
	onBytes: (received: number) => void;
	/** it is read again from the disk, for its checksum */
	onCheck: () => void;
	/** what the other side told: size, checksum, state */
	onFacts: (facts: { sizeBytes: number | null; sha256: string | null; etag: string | null }) => void;
	/** an attempt broke off and another follows */
	onWait: (why: string) => void;
};

/** Attempts that bring nothing, one after the other, before it is given up; a byte more and counting begins anew. */
const fruitlessAttempts = 10;
const waits = { firstMs: 1000, longestMs: 30_000 };
const readChunkBytes = 1024 * 1024;

/** The other side has another file than the part on the disk belongs to. */
class Unusable extends Error {}

/** Takes what is there already into the checksum. @returns how many bytes that are */
async function hashPart(handle: FileHandle, hash: Hash, signal: AbortSignal): Promise<number> {
	const buffer = Buffer.alloc(readChunkBytes);
	for (let at = 0; ; ) {
		signal.throwIfAborted();
		const { bytesRead } = await handle.read(buffer, 0, readChunkBytes, at);
		if (bytesRead === 0) return at;
		hash.update(buffer.subarray(0, bytesRead));
		at += bytesRead;
	}
}

/** The SHA-256 of a file on the disk. */
export async function fileSha256(path: string, signal: AbortSignal): Promise<string> {
	const [handle, hash] = [await open(path, 'r'), createHash('sha256')];
	try {
		await hashPart(handle, hash, signal);
		return hash.digest('hex');
	} finally {
		await handle.close();
	}
}

/** What a disk says that takes no more, and what to do. */
const unwritable: Record<string, string> = {
	ENOSPC: 'The disk of the models folder is full. Free some space, then resume.',
	EDQUOT: 'The quota on the disk of the models folder is used up. Free some space or have it raised, then resume.',
	EFBIG: 'The disk of the models folder takes no file of this size (FAT32: 4 GB at most). Choose a smaller or a split one, or another disk.'
};

const strong = (etag: string | undefined): string | null => (etag && !etag.startsWith('W/') ? etag : null);

/** The whole file's size as an answer tells it; null when it doesn't. */
function toldSize({ status, headers, linked }: Answer): number | null {
	const total = status === 206 ? /\/(\d{1,15})$/.exec(headers['content-range'] ?? '')?.[1] : headers['content-length'];
	return total !== undefined && /^\d{1,15}$/.test(total) ? Number(total) : (linked.sizeBytes ?? null);
}

/** One attempt, from where the part ends. @throws Interrupted, Unusable, AppError */
async function attempt(transfer: Transfer, handle: FileHandle, state: { hash: Hash; received: number }, news: TransferNews, signal: AbortSignal): Promise<void> {
	const { received: from } = state;
	const range = from ? { range: `bytes=${from}-`, ...(transfer.etag && !transfer.sha256 ? { 'if-range': transfer.etag } : {}) } : undefined;
	const answer = await openUrl(transfer.url, { ...transfer.asking, ...(range ? { headers: range } : {}) }, signal);
	const { status, headers, url } = answer;
	try {
		if (status === 416) throw new Unusable();
		if (status !== 200 && status !== 206) throw refusalOf(answer, basename(transfer.part, '.part'));
		if (status === 206 && Number(/^bytes (\d+)-/.exec(headers['content-range'] ?? '')?.[1] ?? -1) !== from) throw new Unusable();
		if (status === 200 && from) throw new Unusable(); // it has changed, or ranges are not to be had
		const size = toldSize(answer);
		if (transfer.sizeBytes !== null && size !== null && size !== transfer.sizeBytes)
			throw new AppError('UPSTREAM_UNAVAILABLE', `${url.host} has a file of ${size} bytes where one of ${transfer.sizeBytes} was announced. Try again later, or choose another file.`);
		transfer.sizeBytes ??= size;
		transfer.sha256 ??= answer.linked.sha256 ?? null;
		transfer.etag = strong(headers.etag);
		news.onFacts({ sizeBytes: transfer.sizeBytes, sha256: transfer.sha256, etag: transfer.etag });
		for await (const chunk of answer.body as AsyncIterable<Buffer>) {
			if (transfer.sizeBytes !== null && state.received + chunk.length > transfer.sizeBytes) throw new Unusable();
			const { bytesWritten } = await handle.write(chunk, 0, chunk.length, state.received);
			if (bytesWritten < chunk.length) throw Object.assign(new Error('a short write'), { code: 'ENOSPC' });
			state.hash.update(chunk);
			state.received += chunk.length;
			news.onBytes(state.received);
			signal.throwIfAborted();
		}
		if (transfer.sizeBytes !== null && state.received < transfer.sizeBytes) throw new Interrupted(`${url.host} ended the file too early`);
	} catch (thrown) {
		signal.throwIfAborted();
		const full = unwritable[(thrown as NodeJS.ErrnoException).code ?? ''];
		if (full) throw new AppError('CONFLICT', full, { cause: thrown });
		throw thrown instanceof Unusable ? thrown : interruption(url.host, thrown as NodeJS.ErrnoException);
	} finally {
		answer.close();
	}
}

/** Waits, or is woken by the signal. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
	return new Promise((resolve, reject) => {
		const done = () => {
			clearTimeout(timer);
			signal.removeEventListener('abort', done);
			if (signal.aborted) reject(signal.reason as Error);
			else resolve();
		};
		const timer = setTimeout(done, ms);
		signal.addEventListener('abort', done);
	});
}

/**
 * Brings a file to the disk whole and compares its checksum, going on from what is there of it. Failures of the network are waited
 * out. A part that turns out wrong is removed, and begun once from nothing when it had been begun by an earlier attempt.
 * @returns whether a checksum was known, and held
 * @throws AppError; the signal's reason
 */
export async function transferFile(transfer: Transfer, news: TransferNews, signal: AbortSignal, waitMs = waits): Promise<boolean> {
	for (let begunAnew = false; ; begunAnew = true) {
		const handle = await open(transfer.part, 'a+').then(async (made) => {
			await made.close();
			return open(transfer.part, 'r+');
		});
		const state = { hash: createHash('sha256'), received: 0 };
		let resumed = false;
		try {
			if ((await handle.stat()).size > 0) news.onCheck();
			state.received = await hashPart(handle, state.hash, signal);
			resumed = state.received > 0;
			news.onBytes(state.received);
			for (let fruitless = 0; transfer.sizeBytes === null || state.received < transfer.sizeBytes; ) {
				const before = state.received;
				try {
					await attempt(transfer, handle, state, news, signal);
					if (transfer.sizeBytes === null) transfer.sizeBytes = state.received; // it never said, and ended well
				} catch (thrown) {
					if (!(thrown instanceof Interrupted)) throw thrown;
					resumed = true;
					fruitless = state.received > before ? 0 : fruitless + 1;
					if (fruitless >= fruitlessAttempts) throw new AppError('UPSTREAM_UNAVAILABLE', `${thrown.message}, ${fruitless} times in a row. What has come is kept: resume when the network is back.`, { cause: thrown });
					news.onWait(thrown.message);
					await pause(thrown.retryAfterMs ?? Math.min(waitMs.longestMs, waitMs.firstMs * 2 ** fruitless), signal);
				}
			}
			await handle.sync();
			if (state.received > transfer.sizeBytes!) throw new Unusable();
		} catch (thrown) {
			if (!(thrown instanceof Unusable)) throw thrown;
			await handle.close();
			await rm(transfer.part, { force: true });
			if (begunAnew) throw new AppError('UPSTREAM_UNAVAILABLE', `${basename(transfer.part, '.part')} can't be had whole: the other side sends something else than it announced. Try again later.`);
			continue;
		} finally {
			await handle.close().catch(() => undefined);
		}
		const found = state.hash.digest('hex');
		if (transfer.sha256 === null) return false;
		if (found === transfer.sha256) return true;
		await rm(transfer.part, { force: true });
		if (!resumed || begunAnew)
			throw new AppError('UPSTREAM_UNAVAILABLE', `${basename(transfer.part, '.part')} is damaged: its SHA-256 is ${found.slice(0, 12)}… where ${transfer.sha256.slice(0, 12)}… was announced. It was deleted. Try again; if it stays, the file is wrong on the other side.`);
	}
}
