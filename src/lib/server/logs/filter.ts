import { entryLevels, type LogEntry, type LogFilter } from '../../contract/logs.ts';

/** Whether an entry is meant by a filter. */
export function entryMatcher({ level, source, text, requestId }: LogFilter): (entry: LogEntry) => boolean {
	const least = level ? entryLevels.indexOf(level) : 0;
	const words = text?.toLowerCase();
	const holds = (entry: LogEntry, part: string) =>
		entry.message.toLowerCase().includes(part) || entry.source.toLowerCase().includes(part) || (entry.requestId ?? '').includes(part) || (entry.data !== undefined && JSON.stringify(entry.data).toLowerCase().includes(part));
	return (entry) =>
		entryLevels.indexOf(entry.level) >= least &&
		(!source || entry.source === source) &&
		(!requestId || entry.requestId === requestId) &&
		(!words || holds(entry, words));
}
