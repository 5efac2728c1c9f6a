import { describe, expect, it } from 'vitest';
import { CrashLedger } from './crash-ledger.ts';
import type { EngineExit } from './engine-exit.ts';

const exit = (signal: string | null, options: Partial<EngineExit> = {}): EngineExit => ({ code: null, signal, stuck: false, lastLines: '', ...options });

describe('crashes of a file', () => {
	it('set it aside at the second one before a first answer', () => {
		const ledger = new CrashLedger();
		expect(ledger.crashed('a', exit('SIGABRT'), 0).quarantined).toBe(false);
		expect(ledger.quarantine('a')).toBeUndefined();
		expect(ledger.crashed('a', exit('SIGSEGV'), 0).quarantined).toBe(true);
		expect(ledger.quarantine('a')).toBe('SIGSEGV');
		expect(ledger.quarantine('b')).toBeUndefined();
	});

	it('do not set it aside once it has answered', () => {
		const ledger = new CrashLedger();
		ledger.crashed('a', exit('SIGABRT'), 0);
		ledger.answered('a');
		for (let i = 0; i < 5; i++) expect(ledger.crashed('a', exit('SIGABRT'), 0).quarantined).toBe(false);
	});

	it('do not count when the engine was killed from outside', () => {
		const ledger = new CrashLedger();
		for (let i = 0; i < 5; i++) expect(ledger.crashed('a', exit('SIGKILL'), 0).quarantined).toBe(false);
	});

	it('count when the engine was killed because it hung', () => {
		const ledger = new CrashLedger();
		ledger.crashed('a', exit('SIGKILL', { stuck: true }), 0);
		expect(ledger.crashed('a', exit('SIGKILL', { stuck: true }), 0).quarantined).toBe(true);
	});

	it('delay the next start: at once, then longer and longer, until an answer', () => {
		const ledger = new CrashLedger();
		const delays = Array.from({ length: 9 }, () => ledger.crashed('a', exit('SIGKILL'), 0).delayMs);
		expect(delays).toEqual([0, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
		ledger.answered('a');
		expect(ledger.crashed('a', exit('SIGKILL'), 0).delayMs).toBe(0);
	});

	it('do not delay the next start when the engine had run for a while', () => {
		const ledger = new CrashLedger();
		for (let i = 0; i < 5; i++) ledger.crashed('a', exit('SIGKILL'), 0);
		expect(ledger.crashed('a', exit('SIGKILL'), 60_000)).toEqual({ quarantined: false, crashes: 1, delayMs: 0 });
	});
});
