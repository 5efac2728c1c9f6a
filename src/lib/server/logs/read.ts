import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { LogEntry, LogFilter, LogRow } from '../../contract/logs.ts';
import { entryOf } from './entry.ts';
import { logFile } from './files.ts';
import { entryMatcher } from './filter.ts';
import { logRing, writtenLogFiles } from './logger.ts';

const rowOf = ({ id, row }: { id: number; row: LogEntry }): LogRow => ({ id, ...row });

/** Rows that a new follower gets at once. */
const atOnce = 500;
const chunkBytes = 65_536;

/** The newest entries that are meant, of those before an id, oldest first; `more` says whether there are older ones. */
export function listEntries(filter: LogFilter, { before, limit }: { before?: number | undefined; limit: number }): { rows: LogRow[]; more: boolean } {
	const matches = entryMatcher(filter);
	const found = logRing.after(0).filter(({ id, row }) => (before === undefined || id < before) && matches(row));
	return { rows: found.slice(-limit).map(rowOf), more: found.length > limit };
}

/** Every source that the last entries name. */
export const entrySources = (): string[] => [...new Set(logRing.after(0).map(({ row }) => row.source))].sort();

/** Entries that are meant, after an id or the last 500, then each as it comes. */
export async function* followEntries(filter: LogFilter, afterId: number | undefined, signal: AbortSignal): AsyncGenerator<LogRow, void, void> {
	const matches = entryMatcher(filter);
	const first = listEntries(filter, { limit: atOnce }).rows[0]?.id;
	const from = afterId ?? (first === undefined ? logRing.lastId : first - 1);
	for await (const entry of logRing.follow('log:line', from, signal)) if (matches(entry.row)) yield rowOf(entry);
}

/** Everything on the disk that is meant, oldest first, as lines of JSON in pieces of some 64 KiB. */
export async function* downloadEntries(filter: LogFilter, signal: AbortSignal): AsyncGenerator<string, void, void> {
	const files = await writtenLogFiles();
	if (!files) return;
	const matches = entryMatcher(filter);
	const isMeant = (line: string) => {
		try {
			return matches(entryOf(line));
		} catch {
			return false; // half a line, of a disk that was full
		}
	};
	let piece = '';
	for (let age = files.limits.files - 1; age >= 0; age--) {
		const path = logFile(files.folder, age);
		if (!existsSync(path)) continue;
		for await (const line of createInterface({ input: createReadStream(path, { signal }), crlfDelay: Infinity })) {
			if (!isMeant(line)) continue;
			piece += `${line}\n`;
			if (piece.length < chunkBytes) continue;
			yield piece;
			piece = '';
		}
	}
	if (piece) yield piece;
}
