import { afterAll, describe, expect, it } from 'vitest';
import { embeddingModel, rankModel } from '../../../../tests/support/models.ts';
import { openPool } from '../../../../tests/support/pool/open-pool.ts';
import type { ModelSpec } from './model-spec.ts';

const never = new AbortController().signal;
const asker = { user: 'ann', priority: 'interactive' } as const;
const floats = (vector: string) => [...new Float32Array(new Uint8Array(Buffer.from(vector, 'base64')).buffer)];

describe.each(['process', 'none'] as const)('the pool, isolation %s', (isolation) => {
	const opened = openPool({ isolation });
	const { pool, dir, specOf, scripted } = opened;
	afterAll(() => opened.close());
	const forPurpose = (key: string, path: string, purpose: 'embed' | 'rank'): ModelSpec => {
		const base = specOf(key, path);
		return { ...base, options: { ...base.options, purpose } };
	};
	const embedder = forPurpose('embedder', embeddingModel(dir), 'embed');
	const ranker = forPurpose('ranker', rankModel(dir), 'rank');

	it('loads a model for embeddings once for all who ask at the same time, and gives each their vectors', async () => {
		const texts = ['water', 'people and world', 'find the name'];
		const answers = await Promise.all(Array.from({ length: 5 }, (_, i) => pool.embed(embedder, [texts[i % 3]!, 'water'], { ...asker, user: `user ${i}` }, never)));
		expect(opened.count('loadStarted', 'embedder')).toBe(1);
		for (const [i, { vectors, tokens }] of answers.entries()) {
			expect(Math.hypot(...floats(vectors[0]!))).toBeCloseTo(1, 5);
			expect(vectors[1]).toBe(answers[0]!.vectors[1]);
			expect(vectors[0]).toBe(answers[i % 3]!.vectors[0]);
			expect(tokens).toBe((await pool.tokenize(embedder, texts[i % 3]!, never)).length + (await pool.tokenize(embedder, 'water', never)).length);
		}
	});

	it('ranks', async () => {
		const { scores, tokens } = await pool.rank(ranker, 'water', ['water', 'people', 'world'], asker, never);
		expect(scores.every((score) => score > 0 && score < 1)).toBe(true);
		expect(scores).toHaveLength(3);
		expect(tokens).toBeGreaterThan(6);
	});

	it('tells tokens and texts of a model that chats', async () => {
		const tokens = await pool.tokenize(scripted(), 'hello world', never);
		expect(await pool.detokenize(scripted(), tokens, never)).toBe('hello world');
		await expect(pool.detokenize(scripted(), [9_999_999], never)).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
	});

	it('stops at once when the caller leaves', async () => {
		const leaving = new AbortController();
		const long = pool.embed(embedder, Array.from({ length: 2000 }, () => 'word '.repeat(80)), asker, leaving.signal);
		setTimeout(() => leaving.abort(), 30);
		await expect(long).rejects.toMatchObject({ name: 'AbortError' });
		await expect.poll(() => opened.engineBusy('embedder')).toBe(0);
	});

	it('passes on what the engine refuses', async () => {
		await expect(pool.embed(embedder, ['word '.repeat(2000)], asker, never)).rejects.toMatchObject({ code: 'CONTEXT_LENGTH_EXCEEDED' });
		await expect(pool.embed(ranker, ['a'], asker, never)).rejects.toMatchObject({ code: 'UNSUPPORTED_PARAMETER' });
	});
});
