import { describe, expect, it } from 'vitest';
import { CrashLedger } from './crash-ledger.ts';
import type { EngineExit } from './engine-exit.ts';

const exit = (signal: string | null, options: Partial<EngineExit> = {}): EngineExit => ({ code: null, signal, stuck: false, lastLines: '', ...options });

describe('crashes of a file', () => {
	it('set it aside at the second one before a first answer', () => {
		const ledger = new CrashLedger();
		expect(ledger.crashed('a', exit('SIGABRT')).quarantined).toBe(false);
		expect(ledger.quarantine('a')).toBeUndefined();
		expect(ledger.crashed('a', exit('SIGSEGV')).quarantined).toBe(true);
		expect(ledger.quarantine('a')).toBe('SIGSEGV');
		expect(ledger.quarantine('b')).toBeUndefined();
	});

	it('do not set it aside once it has answered', () => {
		const ledger = new CrashLedger();
		ledger.crashed('a', exit('SIGABRT'));
		ledger.answered('a');
		for (let i = 0; i < 5; i++) expect(ledger.crashed('a', exit('SIGABRT')).quarantined).toBe(false);
	});

	it('do not count when the engine was killed from outside', () => {
		const ledger = new CrashLedger();
		for (let i = 0; i < 5; i++) expect(ledger.crashed('a', exit('SIGKILL')).quarantined).toBe(false);
	});

	it('count when the engine was killed because it hung', () => {
		const ledger = new CrashLedger();
		ledger.crashed('a', exit('SIGKILL', { stuck: true }));
		expect(ledger.crashed('a', exit('SIGKILL', { stuck: true })).quarantined).toBe(true);
	});

	it('delay the next start: at once, then longer and longer, until an answer', () => {
		const ledger = new CrashLedger();
		const delays = Array.from({ length: 9 }, () => ledger.crashed('a', exit('SIGKILL')).delayMs);
		expect(delays).toEqual([0, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
		ledger.answered('a');
		expect(ledger.crashed('a', exit('SIGKILL')).delayMs).toBe(0);
	});
});
