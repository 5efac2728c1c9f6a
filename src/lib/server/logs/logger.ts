import pino from 'pino';
import type { LogEntry, LogLevel } from '../../contract/logs.ts';
import { env } from '../env.ts';
import { events } from '../events.ts';
import { Ring } from '../ring.ts';
import { singleton } from '../singleton.ts';
import { consoleLine, print } from './console.ts';
import { entryOf } from './entry.ts';
import { LogFiles } from './files.ts';
import { cleanFacts, cleanMessage } from './scrub.ts';

/** The last 10,000 log lines, for the Logs page and the live sockets; ids rise over restarts too. */
export const logRing = singleton('logs', () => new Ring<LogEntry>(10_000, Date.now() * 1000));

const holder = singleton('log files', () => ({ files: undefined as LogFiles | undefined }));

function keep(line: string): void {
	const entry = entryOf(line);
	print(process.stdout.isTTY ? consoleLine(entry) : line);
	events.emit('log:line', { id: logRing.push(entry) });
}

const root = singleton('logger', () =>
	pino(
		{
			level: env().logLevel ?? 'info',
			base: undefined,
			timestamp: () => `,"time":"${new Date().toISOString()}"`,
			formatters: { level: (label) => ({ level: label }), log: cleanFacts },
			hooks: {
				logMethod(args, method) {
					method.apply(this, args.map((arg) => (typeof arg === 'string' ? cleanMessage(arg) : arg)) as typeof args);
				}
			}
		},
		{
			write(line: string) {
				holder.files?.write(line);
				keep(line);
			}
		}
	)
);

/** Made once for each source: pino's children take the level over when they are made, and not when it changes. */
const loggers = singleton('loggers', () => new Map<string, pino.Logger>());

/** A logger whose lines name their source, e.g. `logger('model-manager')`. */
export function logger(source: string): pino.Logger {
	const made = loggers.get(source) ?? root.child({ source });
	loggers.set(source, made);
	return made;
}

/** Sets the level of everything logged from now on. */
export function setLogLevel(level: LogLevel | 'silent'): void {
	for (const one of [root, ...loggers.values()]) one.level = level;
}

/** From now on lines are also kept in files of that folder. */
export async function openLogFiles(folder: string): Promise<void> {
	const files = new LogFiles(folder);
	await files.open();
	holder.files = files;
}

export async function closeLogFiles(): Promise<void> {
	const { files } = holder;
	holder.files = undefined;
	await files?.close();
}

/** The files of this process, all of what was logged so far in them; undefined when there are none. */
export async function writtenLogFiles(): Promise<LogFiles | undefined> {
	await holder.files?.flush();
	return holder.files;
}
