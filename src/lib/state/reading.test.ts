import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { reading } from './reading.ts';

function asking(answer: Promise<string>) {
	const seen: string[] = [];
	const signals: AbortSignal[] = [];
	const begin = (restMs?: number) =>
		reading(
			(signal) => {
				signals.push(signal);
				return answer;
			},
			(text) => seen.push(text),
			({ message }) => seen.push(`failed: ${message}`),
			restMs
		);
	return { seen, signals, begin };
}

it('takes the answer, or why there is none', async () => {
	const [good, bad] = [asking(Promise.resolve('yes')), asking(Promise.reject(new Error('no')))];
	good.begin();
	bad.begin();
	await sleep(0);
	expect([good.seen, bad.seen]).toEqual([['yes'], ['failed: no']]);
});

it('takes nothing more once it is left, and says so to whoever is asked', async () => {
	const [good, bad] = [asking(Promise.resolve('late')), asking(Promise.reject(new Error('left')))];
	for (const { begin } of [good, bad]) begin()();
	await sleep(0);
	expect([good.seen, bad.seen]).toEqual([[], []]);
	expect(good.signals.map(({ aborted }) => aborted)).toEqual([true]);
});

it('does not ask when it is left within the pause', async () => {
	const { seen, signals, begin } = asking(Promise.resolve('late'));
	begin(1)();
	await sleep(20);
	expect([seen, signals]).toEqual([[], []]);
	begin(1);
	await sleep(20);
	expect(seen).toEqual(['late']);
});
