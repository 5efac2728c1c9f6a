/**
 * Guesses what an answer says next from what stands in its prompt and in itself already: where its last tokens have come before, what
 * followed them then. Answers that quote (code that is changed, summaries, repetitions) are guessed well; others hardly ever find a
 * place to look at, and guessing that fails is left for a while. By counts alone, so that a seed gives the same answer again. Pure.
 */

/** so many last tokens must have come before */
const matched = 3;
/** tokens guessed at once: a batch of so many takes about twice as long as one token */
const most = 7;
const first = 3;
/** tokens for which nothing is guessed after a bad guess; doubles with each, up to the last */
const pauses = { first: 4, last: 64 };

export type PromptLookup = {
	/** What may follow `tokens`, a list that only grows between two calls. */
	guess(tokens: readonly number[]): readonly number[];
	/** How many of the last guess's tokens were right. */
	learn(right: number, guessed: number): void;
};

export function createPromptLookup(): PromptLookup {
	/** where what followed a group of tokens begins, by a number that the group gives: others may give the same */
	const places = new Map<number, number>();
	let indexed = matched;
	let length = first;
	let pause: number = pauses.first;
	let resumeAt = 0;
	let size = 0;

	const keyOf = (tokens: readonly number[], end: number) => (tokens[end - 3]! * 0x3ffff + tokens[end - 2]!) * 0x3f + tokens[end - 1]!;

	return {
		guess(tokens) {
			size = tokens.length;
			for (; indexed < size; indexed++) places.set(keyOf(tokens, indexed), indexed); // the latest place counts
			if (size < matched || size < resumeAt) return [];
			const at = places.get(keyOf(tokens, size));
			if (at === undefined) return [];
			for (let back = 1; back <= matched; back++) if (tokens[at - back] !== tokens[size - back]) return [];
			return tokens.slice(at, at + length);
		},
		learn(right, guessed) {
			if (right === guessed) {
				length = Math.min(most, length * 2);
				pause = pauses.first;
			} else if (right * 3 < guessed) {
				length = first;
				resumeAt = size + pause;
				pause = Math.min(pauses.last, pause * 2);
			} else length = Math.max(first, right + 1);
		}
	};
}
