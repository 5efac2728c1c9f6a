import { z } from 'zod';

/** Least important first. */
export const entryLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof entryLevels)[number];

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

/** An entry with its id, which rises, also over restarts. */
export type LogRow = LogEntry & { id: number };

const text = (max: number) => z.string().max(max, `must be at most ${max} characters`);

/** Which entries are meant; what is absent means all. */
export const logFilter = z.object({
	/** this and everything more important */
	level: z.enum(entryLevels, { error: `level must be one of ${entryLevels.join(', ')}` }).optional(),
	source: text(100).optional(),
	/** anywhere in the message, the source or the facts; upper and lower case are the same */
	text: text(200).optional(),
	requestId: text(100).optional()
});
export type LogFilter = z.infer<typeof logFilter>;
