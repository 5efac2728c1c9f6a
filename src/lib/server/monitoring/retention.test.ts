import { existsSync, utimesSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../../tests/support/database.ts';
import { temporaryFolder } from '../../../../tests/support/folder.ts';
import { listAudit } from '../audit/audit.ts';
import { audit, database } from '../db/index.ts';
import { logFile } from '../logs/files.ts';
import { setParameter } from '../parameters/parameters.ts';
import { sweepOld } from './retention.ts';

const dayMs = 86_400_000;
const now = Date.UTC(2024, 5, 15);
const never = new AbortController().signal;
const daysAgo = (days: number) => new Date(now - days * dayMs);
const folder = temporaryFolder();
freshDatabase();

describe('what is kept', () => {
	it('of the audit trail is as old as auditRetention allows, however much there is', async () => {
		database().transaction((tx) => {
			for (let i = 0; i < 2500; i++) tx.insert(audit).values({ at: daysAgo(11), action: 'old', outcome: 'ok' }).run();
			for (let i = 0; i < 5; i++) tx.insert(audit).values({ at: daysAgo(9), action: 'young', outcome: 'ok' }).run();
		});
		setParameter('auditRetention', 10, '');
		await sweepOld(folder, now, never);
		expect(listAudit({}, { limit: 100 }).entries.map(({ action }) => action)).toEqual(Array(5).fill('young'));
	});

	it('of the log files is as old as logRetention allows, and always the current one', async () => {
		for (const [age, days] of [10, 2, 6, 20].entries()) {
			writeFileSync(logFile(folder, age), 'lines');
			utimesSync(logFile(folder, age), daysAgo(days), daysAgo(days));
		}
		setParameter('logRetention', 7, '');
		await sweepOld(folder, now, never);
		expect([0, 1, 2, 3].map((age) => existsSync(logFile(folder, age)))).toEqual([true, true, true, false]);
	});

	it('stops between two slices when the server stops', async () => {
		database().transaction((tx) => {
			for (let i = 0; i < 2500; i++) tx.insert(audit).values({ at: daysAgo(999), action: 'old', outcome: 'ok' }).run();
		});
		await expect(sweepOld(folder, now, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
		expect(listAudit({}, { limit: 2000 }).entries).toHaveLength(1500);
	});
});
