import pino from 'pino';
import { env } from '../env.ts';
import { events } from '../events.ts';
import { singleton } from '../singleton.ts';
import { Ring } from './ring.ts';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';
export type LogEntry = {
	level: LogLevel;
	message: string;
	/** ISO 8601 */
	timestamp: string;
	source: string;
	requestId?: string;
	/** further facts: method, endpoint, status, durationMs, ip, … */
	data?: Record<string, unknown>;
};

/** The last 10,000 log lines, for the Logs page and the live sockets. */
export const logRing = singleton('logs', () => new Ring<LogEntry>(10_000));

/** Members that must never be written, whoever passes them. */
const secret = ['password', 'token', 'authorization', 'cookie', 'apiKey', 'key', 'secret'];

function keep(line: string): void {
	const { level, msg, time, source, requestId, pid: _pid, hostname: _hostname, ...data } = JSON.parse(line) as Record<string, unknown>;
	const id = logRing.push({
		level: level as LogLevel,
		message: String(msg ?? ''),
		timestamp: String(time),
		source: String(source ?? 'server'),
		...(requestId ? { requestId: String(requestId) } : {}),
		...(Object.keys(data).length ? { data } : {})
	});
	events.emit('log:line', { id });
}

const root = singleton('logger', () =>
	pino(
		{
			level: env().logLevel ?? 'info',
			base: undefined,
			timestamp: () => `,"time":"${new Date().toISOString()}"`,
			formatters: { level: (label) => ({ level: label }) },
			redact: { paths: [...secret, ...secret.map((name) => `*.${name}`)], censor: '[hidden]' }
		},
		{
			write(line: string) {
				process.stdout.write(line);
				keep(line);
			}
		}
	)
);

/** A logger whose lines name their source, e.g. `logger('model-manager')`. */
export const logger = (source: string) => root.child({ source });

/** Sets the level of everything logged from now on. */
export function setLogLevel(level: LogLevel | 'silent'): void {
	root.level = level;
}
