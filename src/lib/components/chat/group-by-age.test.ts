import { expect, it } from 'vitest';
import { groupByAge } from './group-by-age.ts';

it('groups by the calendar, so that last night is not today', () => {
	const now = new Date(2026, 2, 10, 1, 0);
	const at = (...parts: [number, number, number, number]) => ({ updatedAt: new Date(...parts) });
	const rows = [at(2026, 2, 10, 0), at(2026, 2, 9, 23), at(2026, 2, 3, 0), at(2026, 2, 2, 23)];
	expect(groupByAge(rows, now)).toEqual([
		{ age: 'today', rows: [rows[0]] },
		{ age: 'week', rows: [rows[1], rows[2]] },
		{ age: 'earlier', rows: [rows[3]] }
	]);
	expect(groupByAge([], now)).toEqual([]);
});
