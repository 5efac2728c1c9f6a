import { setImmediate as nextTurn } from 'node:timers/promises';
import { sweepAudit } from '../audit/audit.ts';
import { isAbort } from '../errors.ts';
import { logger } from '../logs/logger.ts';
import { removeOldLogFiles } from '../logs/old-files.ts';
import { parametersFor } from '../parameters/values.ts';
import { singleton } from '../singleton.ts';

const log = logger('retention');
const everyMs = 3_600_000;
const dayMs = 86_400_000;
const holder = singleton('retention', () => ({ stop: undefined as (() => void) | undefined }));

/** Removes what is older than it may get: log files and the audit trail. Monitoring samples go with each new one. Each slice of rows is a turn of its own. */
export async function sweepOld(logFolder: string, now: number, signal: AbortSignal): Promise<void> {
	const { logRetention, auditRetention } = parametersFor('');
	await removeOldLogFiles(logFolder, new Date(now - logRetention * dayMs), signal);
	while (sweepAudit(new Date(now - auditRetention * dayMs)) > 0) await nextTurn(undefined, { signal });
}

/** Sweeps now and every hour. */
export function openRetention(logFolder: string): void {
	const stopped = new AbortController();
	const sweep = () =>
		sweepOld(logFolder, Date.now(), stopped.signal).catch((thrown: unknown) => {
			if (!isAbort(thrown)) log.error({ err: String(thrown) }, 'Old entries could not be removed; it is tried again in an hour');
		});
	const timer = setInterval(sweep, everyMs);
	timer.unref();
	void sweep();
	holder.stop = () => {
		clearInterval(timer);
		stopped.abort();
	};
}

export function closeRetention(): void {
	holder.stop?.();
	holder.stop = undefined;
}
