import { describe, expect, it } from 'vitest';
import type { LogFilter, LogRow } from '../../contract/logs.ts';
import { logger, logRing } from './logger.ts';
import { entrySources, followEntries, listEntries } from './read.ts';

const messages = (rows: LogRow[]) => rows.map((row) => row.message);

/** The first entries that following gives, and then what `next` logs. */
async function follow(filter: LogFilter, afterId: number | undefined, count: number, next: () => void = () => undefined): Promise<LogRow[]> {
	const stop = new AbortController();
	const rows: LogRow[] = [];
	setTimeout(next, 20);
	for await (const row of followEntries(filter, afterId, stop.signal)) if (rows.push(row) === count) stop.abort();
	return rows;
}

describe('reading logs', () => {
	const a = logger('reading-a');
	const b = logger('reading-b');
	const begin = logRing.lastId;
	a.info({ requestId: 'req-1', path: '/api/Models' }, 'one');
	b.warn({ requestId: 'req-1' }, 'two');
	a.error({ requestId: 'req-2' }, 'Three');

	it.each<[string, LogFilter, string[]]>([
		['nothing in particular', {}, ['one', 'two', 'Three']],
		['a level and what is more important', { level: 'warn' }, ['two', 'Three']],
		['a source', { source: 'reading-a' }, ['one', 'Three']],
		['a text, whatever its case', { text: 'three' }, ['Three']],
		['a text in the facts', { text: '/api/models' }, ['one']],
		['a request', { requestId: 'req-1' }, ['one', 'two']],
		['all of these', { level: 'warn', source: 'reading-b', text: 't', requestId: 'req-1' }, ['two']],
		['what is not there', { text: 'nowhere' }, []]
	])('by %s', (_what, filter, wanted) => {
		expect(messages(listEntries(filter, { limit: 1000 }).rows.filter((row) => row.id > begin))).toEqual(wanted);
	});

	it('a page at a time, from the newest back', () => {
		const first = listEntries({ text: 'req-' }, { limit: 2 });
		expect([messages(first.rows), first.more]).toEqual([['two', 'Three'], true]);
		const second = listEntries({ text: 'req-' }, { limit: 2, before: first.rows[0]!.id });
		expect([messages(second.rows), second.more]).toEqual([['one'], false]);
	});

	it('live: what there is, then what comes', async () => {
		expect(messages(await follow({ source: 'reading-a' }, undefined, 3, () => a.info('four')))).toEqual(['one', 'Three', 'four']);
	});

	it('live, going on after an id: nothing twice, nothing left out', async () => {
		const [one] = listEntries({ requestId: 'req-1' }, { limit: 10 }).rows;
		expect(messages(await follow({}, one!.id, 2))).toEqual(['two', 'Three']);
		expect(messages(await follow({}, logRing.lastId, 1, () => b.info('five')))).toEqual(['five']);
	});

	it('knows the sources', () => expect(entrySources()).toEqual(expect.arrayContaining(['reading-a', 'reading-b'])));
});
