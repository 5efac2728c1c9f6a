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

/** Which entries are meant; what is absent means all. */
export type LogFilter = {
	/** this and everything more important */
	level?: LogLevel | undefined;
	source?: string | undefined;
	/** anywhere in the message, the source or the facts; upper and lower case are the same */
	text?: string | undefined;
	requestId?: string | undefined;
};
