import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { brokenModelNames, splitModel, tinyModel, writeBrokenModel } from '../../../../tests/support/models.ts';
import { readModelShape } from './model-shape.ts';

const dir = mkdtempSync(join(tmpdir(), 'llama-runner-test-'));
afterAll(() => rmSync(dir, { recursive: true }));

describe('the shape of a model', () => {
	it('is read from the header', async () => {
		const path = tinyModel(dir);
		// 4 layers × 2 heads × (32 + 32) elements
		expect(await readModelShape(path)).toEqual({ fileBytes: statSync(path).size, repackedBytes: 0, cacheElements: 512, vocabularySize: expect.any(Number) as number });
	});

	it('counts the copy of matrices in a type that is repacked', async () => {
		const path = tinyModel(dir, { fileName: 'q4.gguf', type: 'q4_0' });
		// 4 layers of 196,608 elements in matrices, 18 bytes for 32 of them
		expect((await readModelShape(path)).repackedBytes).toBe((4 * 196_608 * 18) / 32);
	});

	it('adds up the parts of a split file', async () => {
		const parts = splitModel(dir);
		expect((await readModelShape(parts[0]!)).fileBytes).toBe(parts.reduce((sum, part) => sum + statSync(part).size, 0));
	});

	it('is a small finite figure for every kind of broken file, so that the engine can say what is wrong', async () => {
		for (const name of brokenModelNames) {
			const shape = await readModelShape(writeBrokenModel(dir, name));
			for (const value of Object.values(shape)) expect(value, name).toBeGreaterThanOrEqual(0);
			expect(shape.cacheElements, name).toBeLessThan(2 ** 26);
		}
		const empty = join(dir, 'empty.gguf');
		writeFileSync(empty, '');
		expect(await readModelShape(empty)).toEqual({ fileBytes: 0, repackedBytes: 0, cacheElements: 0, vocabularySize: 0 });
	});

	it('rejects when there is no file', async () => {
		await expect(readModelShape(join(dir, 'none.gguf'))).rejects.toThrow('ENOENT');
	});
});
