import { entryLevels, type LogFilter, type LogLevel } from '#lib/contract/logs.ts';

const isLevel = (value: string | null): value is LogLevel => entryLevels.includes(value as LogLevel);

/** The filter that an address holds; what it does not know is left out. */
export function filterIn(query: URLSearchParams): LogFilter {
	const level = query.get('level');
	return {
		level: isLevel(level) ? level : undefined,
		source: query.get('source') || undefined,
		text: query.get('text') || undefined,
		requestId: query.get('request') || undefined
	};
}

/** The address of a filter. */
export function addressOf({ level, source, text, requestId }: LogFilter): string {
	const query = new URLSearchParams(Object.entries({ level, source, text, request: requestId }).filter((entry): entry is [string, string] => Boolean(entry[1])));
	return query.size ? `/logs?${query}` : '/logs';
}
