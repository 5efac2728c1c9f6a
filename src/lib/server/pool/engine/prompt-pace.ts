/** Prompt tokens that are enough work for one batch, and the least that one with a prompt may hold. */
export const enoughPrompt = 64;

/** what a batch may take in any case, ms: nobody sees that */
const shortMs = 100;

/**
 * How many tokens of prompts a batch may hold. Deep in a context each token takes longer, since it attends to all before it; a batch
 * should still be over as soon as a whole one is where the context begins, for the answers that wait for it and for who leaves.
 */
export type PromptPace = {
	/** `enoughPrompt` at least, where a batch can hold so many, and no more than a batch */
	readonly most: number;
	/** After each batch: its tokens, how many of them were a prompt's, and what they took together. */
	saw(batch: { tokens: number; promptTokens: number; ms: number }): void;
};

export function createPromptPace(batchSize: number): PromptPace {
	let most = batchSize;
	let fastestMs = Infinity;
	return {
		get most() {
			return most;
		},
		saw({ tokens, promptTokens, ms }) {
			if (promptTokens < enoughPrompt) return;
			const tokenMs = ms / tokens;
			fastestMs = Math.min(fastestMs, tokenMs);
			const mayTakeMs = Math.max(shortMs, batchSize * fastestMs);
			most = Math.min(batchSize, Math.max(enoughPrompt, Math.floor(mayTakeMs / tokenMs)));
		}
	};
}
