import { describe, expect, it } from 'vitest';
import { createDetokenizer, createReasoningSplitter, createStopMatcher, type TextPart } from './text-stream.ts';

describe('createDetokenizer', () => {
	const bytes = (tokens: number[]) => Buffer.from(tokens).toString('utf8');

	it('withholds the bytes of an emoji until they are whole', () => {
		const detokenizer = createDetokenizer(bytes);
		const shown = [...Buffer.from('a🙂b')].map((byte) => detokenizer.push(byte));
		expect(shown).toEqual(['a', '', '', '', '🙂', 'b']);
	});

	it('gives up on broken bytes after eight tokens', () => {
		const detokenizer = createDetokenizer(bytes);
		const shown = Array.from({ length: 8 }, () => detokenizer.push(0xf0));
		expect(shown.slice(0, 7).join('')).toBe('');
		expect(shown[7]).toMatch(/^\ufffd+$/);
	});

	it('shows the rest at the end', () => {
		const detokenizer = createDetokenizer(bytes);
		expect(detokenizer.push(0xf0)).toBe('');
		expect(detokenizer.flush()).toBe('\ufffd');
		expect(detokenizer.flush()).toBe('');
	});

	it('tells what preceded, the last three tokens, beginning with the prompt', () => {
		const seen: number[][] = [];
		const detokenizer = createDetokenizer((tokens, preceding) => {
			seen.push(preceding);
			return bytes(tokens);
		}, [1, 2, 3, 4]);
		for (const token of [65, 66]) detokenizer.push(token);
		expect(seen).toEqual([[2, 3, 4], [3, 4, 65]]);
	});
});

describe('createStopMatcher', () => {
	function run(stops: string[], pieces: string[]) {
		const matcher = createStopMatcher(stops);
		let text = '';
		for (const piece of pieces) {
			const pushed = matcher.push(piece);
			text += pushed.text;
			if (pushed.stopped) return { text, stopped: true };
		}
		return { text: text + matcher.flush(), stopped: false };
	}

	it('stops at a string that is spread over pieces, and shows nothing of it', () => {
		expect(run(['<END>'], ['Hello <', 'EN', 'D> more'])).toEqual({ text: 'Hello ', stopped: true });
	});

	it('shows what only began like a stop string', () => {
		expect(run(['<END>'], ['a <E', 'N', 'C>', ' b <'])).toEqual({ text: 'a <ENC> b <', stopped: false });
	});

	it('takes the first of several', () => {
		expect(run(['late', 'soon'], ['so', 'on and late'])).toEqual({ text: '', stopped: true });
	});

	it('finds a stop string that begins within a false beginning', () => {
		expect(run(['aab'], ['a', 'a', 'a', 'b', 'c'])).toEqual({ text: 'a', stopped: true });
	});

	it('withholds nothing without stop strings', () => {
		expect(createStopMatcher([]).push('text').text).toBe('text');
	});
});

describe('createReasoningSplitter', () => {
	function run(text: string, { startsOpen = false, size = 1 } = {}) {
		const splitter = createReasoningSplitter(startsOpen);
		const parts: TextPart[] = [];
		for (let i = 0; i < text.length; i += size) parts.push(...splitter.push(text.slice(i, i + size)));
		parts.push(...splitter.flush());
		const joined = (type: TextPart['type']) => parts.filter((part) => part.type === type).map((part) => part.text).join('');
		return { reasoning: joined('reasoning'), text: joined('text') };
	}

	for (const size of [1, 3, 1000]) {
		it(`splits a leading thought in pieces of ${size}`, () => {
			expect(run('<think>\nFirst, I look.\n\nThen <b> I act.\n</think>\n\nThe answer is 4.\n', { size })).toEqual({
				reasoning: 'First, I look.\n\nThen <b> I act.',
				text: 'The answer is 4.\n'
			});
		});
	}

	it('begins within the thought when the prompt opened it', () => {
		expect(run('Hm.\n</think>\nYes.', { startsOpen: true })).toEqual({ reasoning: 'Hm.', text: 'Yes.' });
	});

	it('leaves text alone that only begins like a thought', () => {
		expect(run(' <thinker> and <think>no</think>')).toEqual({ reasoning: '', text: ' <thinker> and <think>no</think>' });
	});

	it('keeps a thought that never ends, and a tag that never comes', () => {
		expect(run('<think>on and on </thi')).toEqual({ reasoning: 'on and on </thi', text: '' });
		expect(run('<thi')).toEqual({ reasoning: '', text: '<thi' });
	});

	it('knows whether it is within a thought', () => {
		const splitter = createReasoningSplitter(false);
		splitter.push('<think>');
		expect(splitter.isReasoning).toBe(true);
		splitter.push('</think>');
		expect(splitter.isReasoning).toBe(false);
	});
});
