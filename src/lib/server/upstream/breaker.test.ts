import { describe, expect, it } from 'vitest';
import { Breaker } from './breaker.ts';

function breakerWithClock() {
	const clock = { now: 0 };
	const breaker = new Breaker(() => clock.now);
	const fail = (times: number) => {
		for (let i = 0; i < times; i++) breaker.failed();
	};
	return { clock, breaker, fail };
}

describe('the breaker', () => {
	it('opens after three failures in a row, not after two and a success', () => {
		const { breaker, fail } = breakerWithClock();
		fail(2);
		breaker.succeeded();
		fail(2);
		expect(breaker.state).toBe('closed');
		fail(1);
		expect(breaker.state).toBe('open');
	});

	it('is half-open after its rest, and closed when a request succeeds', () => {
		const { clock, breaker, fail } = breakerWithClock();
		fail(3);
		clock.now = 999;
		expect(breaker.state).toBe('open');
		clock.now = 1000;
		expect(breaker.state).toBe('half-open');
		breaker.succeeded();
		expect(breaker.state).toBe('closed');
	});

	it('rests twice as long each time, at most 30 s', () => {
		const { clock, breaker, fail } = breakerWithClock();
		fail(3);
		const rests: number[] = [];
		for (let i = 0; i < 7; i++) {
			const from = clock.now;
			while (breaker.state === 'open') clock.now += 100;
			rests.push(clock.now - from);
			fail(1);
		}
		expect(rests).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
	});

	it('is closed on trial when a probe was answered: one failure opens it again', () => {
		const { breaker, fail } = breakerWithClock();
		fail(3);
		breaker.revived();
		expect(breaker.state).toBe('closed');
		fail(1);
		expect(breaker.state).toBe('open');
	});
});
