import { describe, expect, it } from 'vitest';
import { createPromptPace, type PromptPace } from './prompt-pace.ts';

/** After each batch of so many tokens, all of a prompt, and so many milliseconds: how many the next may hold. */
const mostAfter = (pace: PromptPace, ...batches: [tokens: number, ms: number][]) =>
	batches.map(([tokens, ms]) => {
		pace.saw({ tokens, promptTokens: tokens, ms });
		return pace.most;
	});

describe('createPromptPace', () => {
	it('allows a whole batch until it has seen one', () => {
		expect(createPromptPace(512).most).toBe(512);
	});

	it('allows as many tokens as took no longer than a whole batch of the fastest', () => {
		expect(mostAfter(createPromptPace(512), [512, 400], [512, 800], [256, 800])).toEqual([512, 256, 128]);
	});

	it('allows a whole one again when another prompt begins', () => {
		expect(mostAfter(createPromptPace(512), [512, 400], [512, 800], [256, 200]).at(-1)).toBe(512);
	});

	it('counts the tokens of running answers as work, too', () => {
		const pace = createPromptPace(512);
		pace.saw({ tokens: 512, promptTokens: 512, ms: 400 });
		pace.saw({ tokens: 512, promptTokens: 510, ms: 800 });
		expect(pace.most).toBe(256);
	});

	it('learns nothing from batches that are mostly of running answers', () => {
		const pace = createPromptPace(512);
		pace.saw({ tokens: 79, promptTokens: 63, ms: 1 });
		expect(mostAfter(pace, [512, 400])).toEqual([512]);
	});

	it('goes on however slow it is', () => {
		expect(mostAfter(createPromptPace(512), [512, 1], [512, 1024]).at(-1)).toBe(64);
	});

	it('never exceeds a small batch', () => {
		expect(mostAfter(createPromptPace(100), [100, 100], [100, 400]).at(-1)).toBe(64);
		expect(mostAfter(createPromptPace(32), [32, 100], [32, 1000]).at(-1)).toBe(32);
	});

	it('lets a batch be whole that takes 100 ms or less', () => {
		expect(mostAfter(createPromptPace(512), [512, 10], [512, 100], [512, 200])).toEqual([512, 512, 256]);
	});
});
