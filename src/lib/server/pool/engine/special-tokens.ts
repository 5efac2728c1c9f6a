/** Finds the texts of special tokens in a text, as llama.cpp does: at each place the longest. Pure. */

export type SpecialTokens = {
	/** `text` in pieces: special tokens' texts at the odd places, what lies between at the even ones. */
	split(text: string): string[];
};

/** `texts` of a single character are left out: they cannot be told from the character. */
export function createSpecialTokens(texts: Iterable<string>): SpecialTokens {
	const known = new Set([...texts].filter((text) => text.length > 1));
	const firsts = new Set([...known].map((text) => text[0]));
	// a vocabulary may hold thousands of them, but of few lengths
	const lengths = [...new Set([...known].map((text) => text.length))].sort((a, b) => b - a);

	function at(text: string, start: number): string | undefined {
		if (!firsts.has(text[start])) return undefined;
		for (const length of lengths) {
			const candidate = text.slice(start, start + length);
			if (known.has(candidate)) return candidate;
		}
		return undefined;
	}

	return {
		split(text) {
			const pieces: string[] = [];
			let begin = 0;
			for (let i = 0; i < text.length; i++) {
				const found = at(text, i);
				if (found === undefined) continue;
				pieces.push(text.slice(begin, i), found);
				begin = i + found.length;
				i = begin - 1;
			}
			return [...pieces, text.slice(begin)];
		}
	};
}
