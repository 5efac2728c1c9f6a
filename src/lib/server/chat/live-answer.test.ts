import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../errors.ts';
import { LiveAnswer } from './live-answer.ts';

const never = new AbortController().signal;
const finish = { type: 'finish', reason: 'stop' } as const;
const answerThat = () => new LiveAnswer('user', null);

async function read(answer: LiveAnswer, signal = never): Promise<string[]> {
	const told: string[] = [];
	for await (const { event } of answer.follow(Promise.resolve(), 0, signal)) told.push(event.type === 'text' ? event.text : event.type);
	return told;
}

describe('an answer that the server owns', () => {
	it('tells every follower the same, whether it was there from the start or not', async () => {
		const answer = answerThat();
		const early = read(answer);
		answer.tell({ type: 'text', text: 'one ' });
		await Promise.resolve();
		const late = read(answer);
		answer.tell({ type: 'text', text: 'two' });
		answer.end(finish);
		expect((await early).join('')).toBe('one twofinish');
		expect((await late).join('')).toBe('one twofinish');
		expect((await read(answer)).join('')).toBe('one twofinish');
	});

	it('lets a follower go at once, also one that waits', async () => {
		const answer = answerThat();
		const leave = new AbortController();
		const following = read(answer, leave.signal);
		leave.abort();
		expect(await following).toEqual([]);
		expect(answer.signal.aborted).toBe(false);
	});
});

describe('who waits for its begin', () => {
	it('gets its refusal', async () => {
		const answer = answerThat();
		const begun = answer.begun(Infinity);
		answer.refuse(new AppError('QUEUE_FULL', 'full'));
		await expect(begun).rejects.toMatchObject({ code: 'QUEUE_FULL' });
	});

	it('is told nothing before its begin, and its refusal where it follows', async () => {
		const answer = answerThat();
		answer.tell({ type: 'accepted', conversationId: null, answerId: answer.id, model: 'm' });
		const rows = answer.follow(answer.begun(Infinity), 0, never);
		let isTold = false;
		const first = rows.next().finally(() => (isTold = true));
		answer.tell({ type: 'progress', phase: 'loading', fraction: 0.5 });
		await new Promise((resolve) => setTimeout(resolve, 5));
		expect(isTold).toBe(false);
		answer.refuse(new AppError('QUEUE_FULL', 'full'));
		await expect(first).rejects.toMatchObject({ code: 'QUEUE_FULL' });
	});

	it('is held by states of waiting and let go by the first word', async () => {
		const answer = answerThat();
		let begun = false;
		const waiting = answer.begun(Infinity).then(() => (begun = true));
		answer.tell({ type: 'progress', phase: 'loading', fraction: 0.5 });
		await new Promise((resolve) => setTimeout(resolve, 5));
		expect([begun, answer.isKnown]).toEqual([false, false]);
		answer.tell({ type: 'text', text: 'a' });
		await waiting;
		expect(answer.isKnown).toBe(true);
	});

	it('goes on after its patience', async () => {
		const answer = answerThat();
		await answer.begun(5);
		expect(answer.isKnown).toBe(true);
	});
});

describe('an answer that nobody follows', () => {
	beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
	afterEach(() => void vi.useRealTimers());

	it('goes on for 30 seconds and is then cancelled', async () => {
		const answer = answerThat();
		await answer.begun(0);
		vi.advanceTimersByTime(29_999);
		expect(answer.signal.aborted).toBe(false);
		vi.advanceTimersByTime(1);
		expect(answer.signal.aborted).toBe(true);
	});

	it('is cancelled 30 seconds after its last follower has left, not before', async () => {
		const answer = answerThat();
		await answer.begun(0);
		const leave = new AbortController();
		const following = read(answer, leave.signal);
		vi.advanceTimersByTime(300_000);
		expect(answer.signal.aborted).toBe(false);
		leave.abort();
		await following;
		vi.advanceTimersByTime(29_999);
		expect(answer.signal.aborted).toBe(false);
		vi.advanceTimersByTime(1);
		expect(answer.signal.aborted).toBe(true);
	});

	it('is let be when it has ended', async () => {
		const answer = answerThat();
		await answer.begun(0);
		answer.end(finish);
		vi.advanceTimersByTime(60_000);
		expect(answer.signal.aborted).toBe(false);
	});
});
