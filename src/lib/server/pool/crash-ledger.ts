import { exitReason, isFilesFault, type EngineExit } from './engine-exit.ts';

/** Crashes after which a file that never answered is set aside. */
const crashesAllowed = 2;
const longestDelayMs = 60_000;
/** An engine that ran this long did not fail because of how it was started. */
const settledMs = 10_000;

type Row = { faults: number; crashes: number; answered: boolean; quarantine: string | undefined };

/** What is known of files that ended their engine. A file is named by path, size and time of change, so a replaced one starts afresh. */
export class CrashLedger {
	#rows = new Map<string, Row>();

	/** Why this file is set aside; undefined when it may be loaded. */
	quarantine(identity: string): string | undefined {
		return this.#rows.get(identity)?.quarantine;
	}

	/** A good answer clears the file for good: an engine that is killed later says nothing against it. */
	answered(identity: string): void {
		this.#rows.set(identity, { faults: 0, crashes: 0, answered: true, quarantine: undefined });
	}

	/**
	 * Notes a crash of an engine that had been ready for `ranMs` (0: while loading).
	 * @returns whether this one set the file aside, and the delay before the next start: at once, then 1, 2, 4 … 60 s
	 */
	crashed(identity: string, exit: EngineExit, ranMs: number): { quarantined: boolean; crashes: number; delayMs: number } {
		const row = this.#rows.get(identity) ?? { faults: 0, crashes: 0, answered: false, quarantine: undefined };
		this.#rows.set(identity, row);
		row.crashes = ranMs >= settledMs ? 1 : row.crashes + 1;
		if (!row.answered && isFilesFault(exit) && ++row.faults >= crashesAllowed) row.quarantine = exitReason(exit);
		const delayMs = row.crashes === 1 ? 0 : Math.min(longestDelayMs, 1000 * 2 ** (row.crashes - 2));
		return { quarantined: row.quarantine !== undefined, crashes: row.crashes, delayMs };
	}
}
