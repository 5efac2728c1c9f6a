import { describe, expect, it } from 'vitest';
import { createPromptLookup } from './prompt-lookup.ts';

describe('createPromptLookup', () => {
	it('guesses what followed the last three tokens before', () => {
		expect(createPromptLookup().guess([1, 2, 3, 4, 5, 6, 1, 2, 3])).toEqual([4, 5, 6]);
	});

	it('takes the latest place', () => {
		expect(createPromptLookup().guess([1, 2, 3, 4, 4, 4, 1, 2, 3, 7, 7, 7, 1, 2, 3])).toEqual([7, 7, 7]);
	});

	it('guesses nothing where nothing has come before', () => {
		const lookup = createPromptLookup();
		for (const tokens of [[], [1], [1, 2], [1, 2, 3], [1, 2, 3, 4, 2, 3]]) expect(lookup.guess(tokens)).toEqual([]);
	});

	it('does not take one place for another that has the same key', () => {
		// 0x3f tokens more in the last place make one in the place before
		expect(createPromptLookup().guess([5, 9, 0x40, 7, 7, 7, 5, 10, 1])).toEqual([]);
	});

	it('finds what has been added', () => {
		const lookup = createPromptLookup();
		expect(lookup.guess([1, 2, 3, 4])).toEqual([]);
		expect(lookup.guess([1, 2, 3, 4, 1, 2, 3])).toEqual([4, 1, 2]);
	});

	it('guesses further the better it does, and pauses longer the worse', () => {
		const lookup = createPromptLookup();
		const loop = (length: number) => Array.from({ length }, (_, i) => i % 5);
		expect(lookup.guess(loop(20))).toHaveLength(3);
		lookup.learn(3, 3);
		expect(lookup.guess(loop(21))).toHaveLength(5); // the list ends there
		expect(lookup.guess(loop(40)).length).toBeLessThanOrEqual(7);
		lookup.learn(0, 5);
		expect([40, 43, 44].map((length) => lookup.guess(loop(length)).length > 0)).toEqual([false, false, true]);
		lookup.learn(0, 3);
		expect([51, 52].map((length) => lookup.guess(loop(length)).length > 0)).toEqual([false, true]);
	});
});
