/**
 * How long a discovery takes: 10,000 files with small headers in 100 folders, and files with the vocabulary of a real model.
 * `node scripts/bench/discover.ts`; the table it printed last is in discover.md beside it. The bound is 2 s for the first.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { findModels } from '../../src/lib/server/models/discover.ts';
import { stubGguf } from '../../tests/support/models.ts';

type Row = { what: string; files: number; firstMs: number; againMs: number };

const folder = mkdtempSync(join(tmpdir(), 'llama-runner-bench-'));

function fill(name: string, folders: number, each: number, content: (file: number) => Buffer): string {
	const root = join(folder, name);
	for (let i = 0; i < folders; i++) {
		mkdirSync(join(root, `folder-${i}`), { recursive: true });
		for (let j = 0; j < each; j++) writeFileSync(join(root, `folder-${i}`, `llama-3-${i}-${j}.gguf`), content(i * each + j));
	}
	return root;
}

async function timed(root: string): Promise<{ ms: number; files: number }> {
	const startedAt = performance.now();
	const found = await findModels([root], {}, new AbortController().signal);
	return { ms: performance.now() - startedAt, files: found.length };
}

/** The first time headers are read; the second time only what the disk says of the files. */
async function measure(what: string, root: string): Promise<Row> {
	const first = await timed(root);
	const again = await timed(root);
	return { what, files: first.files, firstMs: first.ms, againMs: again.ms };
}

/** A vocabulary of 151,936 tokens and as many merges, as Qwen's: 5 MB of header. */
const words = Array.from({ length: 151_936 }, (_, index) => `token${index.toString(36)}`);
const large = stubGguf({ 'tokenizer.ggml.tokens': words, 'tokenizer.ggml.merges': words.map((word) => `${word} x`), 'tokenizer.ggml.token_type': new Int32Array(words.length) });
const small = stubGguf();

try {
	const rows = [
		await measure(`small headers (${small.length} bytes), 100 folders`, fill('small', 100, 100, () => small)),
		await measure(`a real vocabulary (${(large.length / 1e6).toFixed(1)} MB of header)`, fill('large', 1, 50, () => large))
	];
	console.log(`${cpus().length} × ${cpus()[0]!.model.trim()}, Node ${process.version}, files in the page cache\n`);
	console.log('| files | what | first time | again |\n|---|---|---|---|');
	for (const { what, files, firstMs, againMs } of rows) console.log(`| ${files} | ${what} | ${Math.round(firstMs)} ms | ${Math.round(againMs)} ms |`);
	if (rows[0]!.firstMs > 2000) process.exitCode = 1;
} finally {
	rmSync(folder, { recursive: true, force: true });
}
