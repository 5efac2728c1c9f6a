import { afterAll } from 'vitest';
import { openEngine } from '../../src/lib/server/pool/engine/engine.ts';
import type { Engine, EngineOptions } from '../../src/lib/server/pool/engine/protocol.ts';
import { temporaryFolder } from './folder.ts';

const usual = { contextLength: 1500, slots: 1, batchSize: 256, threads: 1, gpuLayers: 0, flashAttention: false, kvCacheType: 'f16', purpose: 'generate' } as const;

/** A folder for models, and what opens them in the test's own process. All are closed, and the folder removed, when the file's tests have ended. */
export function testEngines(options: Partial<EngineOptions> = {}): { dir: string; open: (modelPath: string) => Promise<Engine> } {
	const dir = temporaryFolder();
	const opened: Engine[] = [];
	afterAll(() => Promise.all(opened.map((engine) => engine.close())));
	return {
		dir,
		async open(modelPath) {
			const engine = await openEngine({ ...usual, modelPath, ...options }, () => {});
			opened.push(engine);
			return engine;
		}
	};
}
