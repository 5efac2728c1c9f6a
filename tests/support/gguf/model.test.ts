import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { buildModel, type ModelOptions } from './model.ts';
import { encodeGguf } from './writer.ts';

const hashOf = (options: ModelOptions) => {
	const hash = createHash('sha256');
	for (const piece of encodeGguf(buildModel(options))) hash.update(piece);
	return hash.digest('hex');
};

describe('buildModel', () => {
	it('gives the same bytes for a seed and others for another', () => {
		const hash = hashOf({ seed: 7 });
		expect(hashOf({ seed: 7 })).toBe(hash);
		expect(hashOf({ seed: 8 })).not.toBe(hash);
	});

	it('grows the vocabulary with a long script', () => {
		const sentence = Array.from({ length: 2000 }, (_, i) => 'abcdefghij'.charAt(i % 10) + i.toString(36)).join(' ');
		const tokens = buildModel({ script: { sentence } }).metadata['tokenizer.ggml.tokens'] as string[];
		expect(tokens.length).toBeGreaterThan(2000);
		expect(new Set(tokens).size).toBe(tokens.length);
	});
});
