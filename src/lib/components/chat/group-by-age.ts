export type Age = 'today' | 'week' | 'earlier';

/** Rows, newest first, under today (the calendar's), the seven days before, and what is older. Empty groups are left out. */
export function groupByAge<Row extends { updatedAt: Date }>(rows: Row[], now: Date = new Date()): { age: Age; rows: Row[] }[] {
	const today = new Date(now.getFullYear(), now.getMonth(), now.getDate());
	const weekAgo = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 7);
	const ageOf = ({ updatedAt }: Row): Age => (updatedAt >= today ? 'today' : updatedAt >= weekAgo ? 'week' : 'earlier');
	return (['today', 'week', 'earlier'] as const).map((age) => ({ age, rows: rows.filter((row) => ageOf(row) === age) })).filter((group) => group.rows.length > 0);
}
