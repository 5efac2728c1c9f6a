// 2,000 random JSON schemas, each answered by a random model under its grammar: every whole answer is a document that a standard validator takes.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEngine } from '../../src/lib/server/pool/engine/engine.ts';
import { checkSchemas } from '../../tests/support/json-schema/check-schemas.ts';
import { tinyModel } from '../../tests/support/models.ts';

const dir = mkdtempSync(join(tmpdir(), 'soak-json-schema-'));
const engine = await openEngine({ modelPath: tinyModel(dir), contextLength: 1024, slots: 8, batchSize: 256, threads: 1, gpuLayers: 0, flashAttention: false, kvCacheType: 'f16', purpose: 'generate' }, () => {});
const { asked, complete, cut, invalid } = await checkSchemas(engine, Array.from({ length: 2000 }, (_, i) => i + 1), 8);
await engine.close();
rmSync(dir, { recursive: true, force: true });

console.log(`| random schemas | ${asked} |\n|---|---:|\n| whole answers, valid | ${complete} |\n| cut by the limit of tokens | ${cut} |\n| invalid | ${invalid.length} |`);
for (const { seed, why, text, schema } of invalid.slice(0, 10)) console.log(`\n- seed ${seed}: ${why}\n  - answer: ${text}\n  - schema: ${JSON.stringify(schema)}`);
process.exitCode = invalid.length === 0 && complete > asked / 2 ? 0 : 1;
