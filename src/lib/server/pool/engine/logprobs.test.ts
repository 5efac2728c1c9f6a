import { describe, expect, it } from 'vitest';
import { createLogprobTrack, logprobRow } from './logprobs.ts';
import { createTokenBytes } from './token-bytes.ts';

const row = (token: string) => ({ token, logprob: -1, bytes: [], top: [] });
const tokens = (rows: { token: string }[]) => rows.map(({ token }) => token);

describe('createTokenBytes', () => {
	const spelled = (vocabularyType: number, text: string, isControl = false) => [...createTokenBytes(vocabularyType, () => text, () => isControl)(0)];
	it('reads byte-level spelling', () => {
		expect(spelled(2, 'Ġthe')).toEqual([...Buffer.from(' the')]);
		expect(spelled(2, 'ðŁ')).toEqual([0xf0, 0x9f]);
		expect(spelled(2, '<|im_end|>', true)).toEqual([...Buffer.from('<|im_end|>')]);
	});

	it('reads SentencePiece spelling', () => {
		expect(spelled(1, '\u2581the')).toEqual([...Buffer.from(' the')]);
		expect(spelled(1, '<0xE2>')).toEqual([0xe2]);
	});
});

describe('logprobRow', () => {
	const bytesOf = (token: number) => Buffer.from(['a', 'b', 'c'][token]!);
	it('makes probabilities of all logits that sum to one', () => {
		const raw = { logits: new Map([[0, 2], [1, 1], [2, 0]]), highest: 2, totalWeight: 1 + Math.exp(-1) + Math.exp(-2) };
		const { token, logprob, top } = logprobRow(1, 'b', raw, 2, bytesOf);
		expect(token).toBe('b');
		expect(tokens(top)).toEqual(['a', 'b']);
		expect(top[1]!.logprob).toBe(logprob);
		expect(top[0]!.logprob - logprob).toBeCloseTo(1);
		expect([0, 1, 2].reduce((sum, id) => sum + Math.exp(logprobRow(id, '', raw, 0, bytesOf).logprob), 0)).toBeCloseTo(1);
	});

	it('has a number for what cannot be', () => {
		expect(logprobRow(0, 'a', { logits: new Map([[0, -Infinity]]), highest: 0, totalWeight: 1 }, 0, bytesOf).logprob).toBe(-9999);
	});
});

describe('createLogprobTrack', () => {
	it('tells a row with the text that completes its token', () => {
		const track = createLogprobTrack();
		track.add(row('one'), 3);
		track.add(row('two'), 3);
		expect(tokens(track.take(4, false))).toEqual(['one']);
		expect(tokens(track.take(2, false))).toEqual(['two']);
	});

	it('tells the parts of a character with the character', () => {
		const track = createLogprobTrack();
		track.add(row('a'), 1);
		expect(tokens(track.take(1, false))).toEqual(['a']);
		track.add(row('first'), 0);
		track.add(row('second'), 2);
		expect(tokens(track.take(2, false))).toEqual(['first', 'second']);
	});

	it('tells a token that is cut by the end, and none after it', () => {
		const track = createLogprobTrack();
		track.add(row('one'), 3);
		track.add(row('two'), 3);
		track.add(row('three'), 5);
		expect(tokens(track.take(4, true))).toEqual(['one', 'two']);
	});

	it('begins with the content', () => {
		const track = createLogprobTrack();
		track.add(row('thought'), 7);
		track.add(row('</think>'), 8);
		track.add(row(' word'), 5);
		track.begin(4);
		expect(tokens(track.take(4, false))).toEqual([' word']);
	});
});
