import type { LogEntry } from '../../contract/logs.ts';
import { singleton } from '../singleton.ts';

const colours: Partial<Record<LogEntry['level'], string>> = { warn: '\u001b[33m', error: '\u001b[31m', fatal: '\u001b[31m' };
const reset = '\u001b[0m';
const dim = '\u001b[2m';

/** A log line for a person at a terminal: time, source, message. Whoever reads a pipe gets the JSON. Pure. */
export function consoleLine({ level, message, timestamp, source }: LogEntry): string {
	const time = new Date(timestamp).toTimeString().slice(0, 8);
	const text = colours[level] ? `${colours[level]}${message}${reset}` : message;
	return `${dim}${time} ${source.padEnd(13)}${reset} ${text}\n`;
}

/** Milliseconds that lines wait for others: each writing wakes whoever reads the output, and holds up what is being answered. */
const waitMs = 50;

const output = singleton('stdout', () => {
	process.stdout.on('error', () => undefined); // a reader that has gone must not end the server
	process.once('exit', writeOut);
	return { waiting: '' };
});

function writeOut(): void {
	const text = output.waiting;
	output.waiting = '';
	if (text) process.stdout.write(text);
}

/** Writes a line, with its end, to the output, together with those that come at the same time. */
export function print(line: string): void {
	if (output.waiting === '') setTimeout(writeOut, waitMs).unref();
	output.waiting += line;
}
