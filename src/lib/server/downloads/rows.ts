import { asc, desc, eq, inArray } from 'drizzle-orm';
import type { DownloadState } from '../../contract/downloads.ts';
import type { ErrorCode } from '../../contract/errors.ts';
import { database, downloads } from '../db/index.ts';
import { AppError } from '../errors.ts';

/** One file of a download: a model has one, a split model several. */
export type DownloadFile = { name: string; url: string; sizeBytes: number | null; sha256: string | null; etag?: string | null };
type Details = {
	files: DownloadFile[];
	/** below the models folder: where they go */
	folder: string;
	code?: ErrorCode;
	/** what it is registered as */
	model?: string;
};

type Row = typeof downloads.$inferSelect;
export type Download = Omit<Row, 'details'> & { details: Details };

const asDownload = (row: Row): Download => row as Download;

export const allDownloads = (): Download[] => database().select().from(downloads).orderBy(desc(downloads.createdAt), desc(downloads.id)).all().map(asDownload);
export const queuedDownloads = (): Download[] => database().select().from(downloads).where(eq(downloads.state, 'queued')).orderBy(asc(downloads.createdAt), asc(downloads.id)).all().map(asDownload);
export const downloadById = (id: string): Download | undefined => database().select().from(downloads).where(eq(downloads.id, id)).all().map(asDownload)[0];
export const insertDownload = (row: Download): void => void database().insert(downloads).values(row).run();
export const deleteDownload = (id: string): void => void database().delete(downloads).where(eq(downloads.id, id)).run();

export function setDownload(id: string, change: Partial<Pick<Download, 'state' | 'error' | 'details' | 'totalBytes' | 'sha256'>>): void {
	database().update(downloads).set({ ...change, updatedAt: new Date() }).where(eq(downloads.id, id)).run();
}

/** Those that ran when their process ended wait again. */
export function requeueRunning(): void {
	const state: DownloadState = 'queued';
	database().update(downloads).set({ state, updatedAt: new Date() }).where(inArray(downloads.state, ['running'])).run();
}

/** @throws AppError NOT_FOUND */
export function requireDownload(id: string): Download {
	const row = downloadById(id);
	if (!row) throw new AppError('NOT_FOUND', 'There is no such download');
	return row;
}
