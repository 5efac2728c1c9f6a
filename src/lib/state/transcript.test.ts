import { describe, expect, it } from 'vitest';
import type { ChatEvent } from '#lib/contract/chat.ts';
import { answerOf, applyEvent, branchOf, isUnderWay, messagesFrom, promptOf, questionOf, resetAnswer, type StoredMessage } from './transcript.ts';

const usage = { promptTokens: 10, completionTokens: 3, cachedTokens: 0, reasoningTokens: 0, contextLength: 512, timeToFirstTokenMs: 8, queueMs: 1, durationMs: 20, tokensPerSecond: 99 };
const events: ChatEvent[] = [
	{ type: 'accepted', conversationId: 'c', model: 'guide' },
	{ type: 'progress', phase: 'queued', position: 1 },
	{ type: 'reasoning', text: 'Hm.' },
	{ type: 'text', text: 'Good ' },
	{ type: 'text', text: 'day' },
	{ type: 'usage', ...usage },
	{ type: 'finish', reason: 'stop' }
];

const stored = (row: Partial<StoredMessage>): StoredMessage => ({
	id: 'x', parentId: null, role: 'user', content: '', reasoning: null, model: null, promptTokens: 0, completionTokens: 0, contextLength: 0,
	timeToFirstTokenMs: null, tokensPerSecond: null, finishReason: null, error: null, ...row
});

describe('an answer', () => {
	it('is the same read once, and read half and then again from its start', () => {
		const [once, twice] = [answerOf(null), answerOf(null)];
		for (const event of events) applyEvent(once, event);
		for (const event of events.slice(0, 4)) applyEvent(twice, event);
		resetAnswer(twice);
		expect(isUnderWay(twice)).toBe(true);
		for (const event of events) applyEvent(twice, event);
		expect({ ...twice, id: '' }).toEqual({ ...once, id: '' });
		expect(once).toMatchObject({ text: 'Good day', reasoning: 'Hm.', model: 'guide', finish: 'stop', figures: { completionTokens: 3 } });
	});

	it('keeps its text when it fails in the middle', () => {
		const answer = answerOf('guide');
		for (const event of [...events.slice(0, 4), { type: 'error', code: 'ENGINE_CRASHED', message: 'The engine ended' }, { type: 'finish', reason: 'error' }] as ChatEvent[]) applyEvent(answer, event);
		expect(answer).toMatchObject({ text: 'Good ', finish: 'error', failure: { code: 'ENGINE_CRASHED', message: 'The engine ended' } });
	});
});

describe('stored rows', () => {
	it('show the prompt tokens of the question with its answer', () => {
		const [, answer] = messagesFrom([
			stored({ id: 'q', content: 'Hi', promptTokens: 10 }),
			stored({ id: 'a', role: 'assistant', content: 'Good day', completionTokens: 3, contextLength: 512, finishReason: 'length' })
		]);
		expect(answer).toMatchObject({ id: 'a', text: 'Good day', finish: 'length', figures: { promptTokens: 10, completionTokens: 3, contextLength: 512 } });
	});
});

describe('a branch', () => {
	const rows = [stored({ id: 'q' }), stored({ id: 'a1', parentId: 'q' }), stored({ id: 'a2', parentId: 'q' }), stored({ id: 'q2', parentId: 'a1' })];
	const ids = (head: string | null) => branchOf(rows, head).map((row) => row.id).join(' ');

	it('goes from its head to the first message', () => {
		expect(ids('a2')).toBe('q a2');
		expect(ids('q2')).toBe('q a1 q2');
		expect(ids(null)).toBe('q a1 q2');
		expect(branchOf([], null)).toEqual([]);
	});

	it('ends, whatever a file says', () => {
		expect(branchOf([stored({ id: 'a', parentId: 'b' }), stored({ id: 'b', parentId: 'a' })], 'a')).toHaveLength(2);
	});
});

describe('the prompt', () => {
	it('leaves out the turns without an answer and keeps the last question', () => {
		const said = (text: string) => ({ ...answerOf('guide'), text, finish: 'stop' as const });
		const prompt = promptOf([questionOf('one'), said('1'), questionOf('stopped early'), said(''), questionOf('two'), said('2'), questionOf('three')]);
		expect(prompt.map((message) => `${message.role} ${message.content}`)).toEqual(['user one', 'assistant 1', 'user two', 'assistant 2', 'user three']);
	});
});
