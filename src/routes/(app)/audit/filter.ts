import type { trpc } from '#lib/trpc.ts';

type Query = Exclude<Parameters<typeof trpc.audit.list.query>[0], void | undefined>;

/** Which entries are meant. `hours`: of the time until now; `from` and `to`: whole days, as `2024-01-31`. */
export type AuditFilter = Partial<Record<'username' | 'action' | 'outcome' | 'hours' | 'from' | 'to', string>>;

const names = ['username', 'action', 'outcome', 'hours', 'from', 'to'] as const;
const outcomes = ['ok', 'refused'] as const;
const hourMs = 3_600_000;

/** The filter that an address holds. */
export const filterIn = (query: URLSearchParams): AuditFilter => Object.fromEntries(names.flatMap((name) => (query.get(name) ? [[name, query.get(name)!]] : [])));

/** The address of a filter. */
export function addressOf(filter: AuditFilter): string {
	const query = new URLSearchParams(names.flatMap((name) => (filter[name] ? [[name, filter[name]]] : [])));
	return query.size ? `/audit?${query}` : '/audit';
}

/** The beginning of a day here, or of one so many days later; undefined for what is no day. */
function dayOf(text: string | undefined, later = 0): Date | undefined {
	const [year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text ?? '')?.slice(1).map(Number) ?? [];
	return year === undefined ? undefined : new Date(year, month! - 1, day! + later);
}

/** What to ask the server for; what the filter does not know is left out. @param now milliseconds since the epoch */
export function queryOf({ username, action, outcome, hours, from, to }: AuditFilter, now: number): Query {
	const after = dayOf(to, 1);
	return {
		username,
		action,
		outcome: outcomes.find((one) => one === outcome),
		since: Number(hours) > 0 ? new Date(now - Number(hours) * hourMs) : dayOf(from),
		until: after && new Date(after.getTime() - 1)
	};
}
