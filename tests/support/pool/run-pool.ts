/** A program with a pool: loads the model at the path it is given, answers without end, says the engine's pid, and is there to be killed. */
import { resolve } from 'node:path';
import { Pool } from '../../../src/lib/server/pool/pool.ts';
import { ask } from './open-pool.ts';

const pool = new Pool({ isolation: 'process', root: resolve(import.meta.dirname, '../../..'), maxLoaded: () => 1 });
const spec = {
	key: 'model', name: 'model', path: process.argv[2]!,
	options: { contextLength: 65_536, slots: 1, batchSize: 64, threads: 1, gpuLayers: 0, flashAttention: false, kvCacheType: 'f16', purpose: 'generate' } as const,
	idleUnloadMs: 0, loadTimeoutMs: 20_000, progressTimeoutMs: 20_000
};
let said = false;
for await (const event of pool.stream(spec, ask({ maxTokens: Infinity }), new AbortController().signal)) {
	if (event.type !== 'text' || said) continue;
	said = true;
	process.stdout.write(`${pool.states()[0]!.pid}\n`);
}
