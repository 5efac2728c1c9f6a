import { and, desc, eq, gte, inArray, lt, lte, type SQL } from 'drizzle-orm';
import { audit, database } from '../db/index.ts';

export type AuditEntry = typeof audit.$inferSelect;

/** Who did it, and from where. */
export type Actor = { userId: string | null; username: string; ip: string; requestId: string };

/** Entries kept at most; a parameter says for how long. */
const mostEntries = 100_000;
/** The table is trimmed each time so many entries have been added. */
const trimEvery = 1000;
/** Entries one sweep removes, so that it holds nothing up. */
const sweepRows = 1000;

/** Members of a change that are never written down. */
const secret = /password|secret|(^|api_?|access_?)(key|token)$/i;
const longest = 200;

/** A change without its secrets and bounded in size. */
export function shownChange(value: unknown, depth = 0): unknown {
	if (typeof value === 'string') return value.length > longest ? `${value.slice(0, longest)}…` : value;
	if (typeof value !== 'object' || value === null || value instanceof Date) return value;
	if (depth === 3) return '…';
	if (Array.isArray(value)) return value.slice(0, 20).map((item) => shownChange(item, depth + 1));
	return Object.fromEntries(Object.entries(value).slice(0, 30).map(([name, member]) => [name, secret.test(name) ? '[hidden]' : shownChange(member, depth + 1)]));
}

/**
 * Writes down what somebody did or was refused. `action` is the procedure's path: `users.create`, `auth.login` …
 * `target` says to whom or what; `details` passes {@link shownChange}.
 */
export function recordAudit(actor: Actor, action: string, entry: { outcome: 'ok' | 'refused'; target?: string; details?: unknown }): void {
	const details = entry.details === undefined ? null : (shownChange(entry.details) as Record<string, unknown>);
	const values = { at: new Date(), action, outcome: entry.outcome, target: (entry.target ?? '').slice(0, longest), details, ...actor, username: actor.username.slice(0, longest) };
	const { id } = database().insert(audit).values(values).returning({ id: audit.id }).get();
	if (id % trimEvery === 0) database().delete(audit).where(lte(audit.id, id - mostEntries)).run();
}

/** Removes a slice of the entries from before that time. @returns how many */
export function sweepAudit(before: Date): number {
	const old = database().select({ id: audit.id }).from(audit).where(lt(audit.at, before)).limit(sweepRows);
	return database().delete(audit).where(inArray(audit.id, old)).run().changes;
}

export type AuditFilter = { action?: string | undefined; username?: string | undefined; outcome?: 'ok' | 'refused' | undefined; since?: Date | undefined; until?: Date | undefined };

/** Newest first. `before` is the id that the last page ended with; `next` is undefined on the last page. */
export function listAudit(filter: AuditFilter, { limit, before }: { limit: number; before?: number | undefined }): { entries: AuditEntry[]; next: number | undefined } {
	const { action, username, outcome, since, until } = filter;
	const wanted: (SQL | undefined)[] = [
		action === undefined ? undefined : and(gte(audit.action, action), lt(audit.action, `${action}\uffff`)), // a prefix: `users.` is every change to users
		username === undefined ? undefined : eq(audit.username, username),
		outcome && eq(audit.outcome, outcome),
		since && gte(audit.at, since),
		until && lte(audit.at, until),
		before === undefined ? undefined : lt(audit.id, before)
	];
	const entries = database().select().from(audit).where(and(...wanted)).orderBy(desc(audit.id)).limit(limit + 1).all();
	const more = entries.length > limit;
	if (more) entries.pop();
	return { entries, next: more ? entries.at(-1)!.id : undefined };
}
