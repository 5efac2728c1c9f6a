import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LlamaContext, LlamaModel } from 'node-llama-cpp';
import { afterAll, describe, expect, it } from 'vitest';
import { tinyModel } from '../../../../../tests/support/models.ts';
import { loadModel } from './load.ts';
import { nativeOf, plainSampler } from './native.ts';

const dir = mkdtempSync(join(tmpdir(), 'native-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('nativeOf', () => {
	it('finds everything that the engine uses in the installed version', async () => {
		const options = { modelPath: tinyModel(dir), contextLength: 256, slots: 2, batchSize: 64, threads: 1, gpuLayers: 0, flashAttention: false, kvCacheType: 'f16', purpose: 'generate' } as const;
		const { context, model, dispose } = await loadModel(options, () => {}, undefined);
		const native = nativeOf(context, model);
		const samplers = [plainSampler(native), plainSampler(native)];
		native.context.initBatch(4);
		const first = native.context.addToBatch(0, 0, Uint32Array.of(10, 11), Uint32Array.of(1));
		const second = native.context.addToBatch(1, 0, Uint32Array.of(10, 11), Uint32Array.of(1));
		await native.context.decodeBatch();
		const tokens = await Promise.all([first, second].map(([at], i) => native.context.sampleToken(at!, samplers[i]!)));
		expect(tokens[0]).toBe(tokens[1]);
		expect(native.context.removeTokenCellsFromSequence(0, 1, -1)).toBe(true);
		native.context.disposeSequence(1);
		samplers.forEach((sampler) => sampler.dispose());
		await dispose();
	});

	it('names what another version lacks', () => {
		const model = { _model: {}, llama: {} } as unknown as LlamaModel;
		expect(() => nativeOf({ _ctx: { initBatch() {} } } as unknown as LlamaContext, model)).toThrow(/context\._ctx lacks addToBatch, decodeBatch, sampleToken, .*needs version 3\.22\.1/);
	});
});
