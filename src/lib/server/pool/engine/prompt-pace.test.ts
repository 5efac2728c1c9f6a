import { describe, expect, it } from 'vitest';
import { createPromptPace } from './prompt-pace.ts';

describe('createPromptPace', () => {
	it('allows a whole batch until it has seen one', () => {
		expect(createPromptPace(512).most).toBe(512);
	});

	it('allows as many tokens as took no longer than a whole batch of the fastest', () => {
		const pace = createPromptPace(512);
		pace.saw({ tokens: 512, promptTokens: 512, ms: 400 });
		expect(pace.most).toBe(512);
		pace.saw({ tokens: 512, promptTokens: 510, ms: 800 });
		expect(pace.most).toBe(256);
		pace.saw({ tokens: 256, promptTokens: 250, ms: 800 });
		expect(pace.most).toBe(128);
	});

	it('allows a whole one again when another prompt begins', () => {
		const pace = createPromptPace(512);
		pace.saw({ tokens: 512, promptTokens: 512, ms: 400 });
		pace.saw({ tokens: 512, promptTokens: 512, ms: 800 });
		pace.saw({ tokens: 256, promptTokens: 256, ms: 200 });
		expect(pace.most).toBe(512);
	});

	it('learns nothing from batches that are mostly of running answers', () => {
		const pace = createPromptPace(512);
		pace.saw({ tokens: 79, promptTokens: 63, ms: 1 });
		pace.saw({ tokens: 512, promptTokens: 512, ms: 400 });
		expect(pace.most).toBe(512);
	});

	it('goes on however slow it is', () => {
		const pace = createPromptPace(512);
		pace.saw({ tokens: 512, promptTokens: 512, ms: 1 });
		pace.saw({ tokens: 512, promptTokens: 512, ms: 1024 });
		expect(pace.most).toBe(64);
	});

	it('never exceeds a small batch', () => {
		const pace = createPromptPace(100);
		pace.saw({ tokens: 100, promptTokens: 100, ms: 100 });
		pace.saw({ tokens: 100, promptTokens: 100, ms: 400 });
		expect(pace.most).toBe(64);
		const small = createPromptPace(32);
		small.saw({ tokens: 32, promptTokens: 32, ms: 100 });
		small.saw({ tokens: 32, promptTokens: 32, ms: 1000 });
		expect(small.most).toBe(32);
	});

	it('lets a batch be whole that takes 100 ms or less', () => {
		const pace = createPromptPace(512);
		pace.saw({ tokens: 512, promptTokens: 512, ms: 10 });
		pace.saw({ tokens: 512, promptTokens: 512, ms: 100 });
		expect(pace.most).toBe(512);
		pace.saw({ tokens: 512, promptTokens: 512, ms: 200 });
		expect(pace.most).toBe(256);
	});
});
