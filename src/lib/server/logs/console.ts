import type { LogEntry } from '../../contract/logs.ts';

const colours: Partial<Record<LogEntry['level'], string>> = { warn: '\u001b[33m', error: '\u001b[31m', fatal: '\u001b[31m' };
const reset = '\u001b[0m';
const dim = '\u001b[2m';

/** A log line for a person at a terminal: time, source, message. Whoever reads a pipe gets the JSON. Pure. */
export function consoleLine({ level, message, timestamp, source }: LogEntry): string {
	const time = new Date(timestamp).toTimeString().slice(0, 8);
	const text = colours[level] ? `${colours[level]}${message}${reset}` : message;
	return `${dim}${time} ${source.padEnd(13)}${reset} ${text}\n`;
}
