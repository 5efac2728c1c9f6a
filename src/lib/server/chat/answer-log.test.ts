import { describe, expect, it } from 'vitest';
import type { ChatEvent } from '#lib/contract/chat.ts';
import { AnswerLog } from './answer-log.ts';

const text = (text: string): ChatEvent => ({ type: 'text', text });
const loading = (fraction: number): ChatEvent => ({ type: 'progress', phase: 'loading', fraction });

function readAll(log: AnswerLog, id = 0) {
	const cursor = log.from(id);
	const rows: { id: number; event: ChatEvent }[] = [];
	for (let row = log.next(cursor); row; row = log.next(cursor)) rows.push(row);
	return rows;
}
const textOf = (rows: { event: ChatEvent }[]) => rows.map(({ event }) => ('text' in event ? event.text : '')).join('');

describe('the log of an answer', () => {
	it('gives a live follower every piece as it comes', () => {
		const log = new AnswerLog();
		const cursor = log.from(0);
		const told: unknown[] = [];
		for (const piece of ['Hel', 'lo', '!']) {
			log.push(text(piece));
			told.push(log.next(cursor)?.event);
			expect(log.next(cursor)).toBeUndefined();
		}
		expect(told).toEqual([text('Hel'), text('lo'), text('!')]);
	});

	it('gives a late follower the same text in few rows', () => {
		const log = new AnswerLog();
		for (let i = 0; i < 10_000; i++) log.push(text('ab'));
		const rows = readAll(log);
		expect(textOf(rows)).toBe('ab'.repeat(10_000));
		expect(rows.length).toBeLessThan(10);
	});

	it('goes on from any id that was ever given, whatever was joined since', () => {
		const log = new AnswerLog();
		const cursor = log.from(0);
		const ids: { id: number; before: string }[] = [];
		let said = '';
		for (let i = 0; i < 3000; i++) {
			const event: ChatEvent = i % 700 === 0 ? { type: 'reasoning', text: `think${i}` } : i % 500 === 0 ? loading(i / 3000) : text(`w${i} `);
			log.push(event);
			if ('text' in event) said += event.text;
			ids.push({ id: log.next(cursor)!.id, before: said });
		}
		for (const { id, before } of ids) expect(before + textOf(readAll(log, id))).toBe(said);
	});

	it('keeps only the last state of waiting, and tells it to who has seen the one before', () => {
		const log = new AnswerLog();
		log.push(loading(0.1));
		const cursor = log.from(0);
		expect(log.next(cursor)?.event).toEqual(loading(0.1));
		log.push(loading(0.2));
		log.push(loading(0.3));
		expect(log.next(cursor)?.event).toEqual(loading(0.3));
		expect(log.next(cursor)).toBeUndefined();
		expect(readAll(log).map(({ event }) => event)).toEqual([loading(0.3)]);
	});

	it('never joins what differs: kinds, choices, log-probabilities, tool calls', () => {
		const log = new AnswerLog();
		const events: ChatEvent[] = [
			text('a'),
			{ type: 'text', text: 'b', choice: 1 },
			{ type: 'reasoning', text: 'c' },
			{ type: 'text', text: 'd', logprobs: [] },
			{ type: 'text', text: 'e', logprobs: [] },
			{ type: 'toolCall', index: 0, id: 'x', name: 'f', argumentsDelta: '{' },
			{ type: 'toolCall', index: 0, id: 'x', argumentsDelta: '}' },
			{ type: 'finish', reason: 'stop', choice: 0 },
			{ type: 'finish', reason: 'stop', choice: 1 }
		];
		for (const event of events) log.push(event);
		expect(readAll(log).map(({ event }) => event)).toEqual(events);
	});

	it('tells who came back at the end what is said from then on', () => {
		const log = new AnswerLog();
		log.push(text('abc'));
		const cursor = log.from(log.end);
		expect(log.next(cursor)).toBeUndefined();
		log.push(text('def'));
		expect(log.next(cursor)?.event).toEqual(text('def'));
	});

	it('has nothing for an id beyond its end until more comes', () => {
		const log = new AnswerLog();
		log.push(text('abc'));
		expect(readAll(log, 99)).toEqual([]);
	});
});
