import type { LogEntry, LogLevel } from '../../contract/logs.ts';

/** A written line as an entry. @throws SyntaxError for half a line, which a full disk leaves */
export function entryOf(line: string): LogEntry {
	const { level, msg, time, source, requestId, ...data } = JSON.parse(line) as Record<string, unknown>;
	return {
		level: level as LogLevel,
		message: String(msg ?? ''),
		timestamp: String(time),
		source: String(source ?? 'server'),
		...(requestId ? { requestId: String(requestId) } : {}),
		...(Object.keys(data).length ? { data } : {})
	};
}
