import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { brokenModels, writeBrokenModel, type BrokenModelName } from '../../../../../tests/support/gguf/broken.ts';
import { buildModel, type ModelOptions } from '../../../../../tests/support/gguf/model.ts';
import { writeSplitGguf } from '../../../../../tests/support/gguf/split.ts';
import { encodeGguf } from '../../../../../tests/support/gguf/writer.ts';
import { tinyModel } from '../../../../../tests/support/models.ts';
import { architectures } from './architectures.ts';
import { precheck } from './precheck.ts';

const dir = mkdtempSync(join(tmpdir(), 'precheck-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const failureOf = (path: string) => precheck(path).then(() => { throw new Error('It passed'); }, (thrown: { code: string; message: string }) => thrown);

/** What is said of each file; the rest of the sentence after "<name> cannot be loaded." */
const complaints: Record<Exclude<BrokenModelName, 'missing-tensor'>, RegExp> = {
	empty: /does not begin with "GGUF"/,
	text: /does not begin with "GGUF"/,
	'wrong-magic': /does not begin with "GGUF"/,
	'wrong-version': /GGUF version 99/,
	'big-endian': /big-endian/,
	'cut-header': /ends within its header/,
	'header-only': /after the end of the file/,
	truncated: /after the end of the file/,
	'absurd-tensor-count': /number of tensors is 1152921504606846976/,
	'absurd-metadata-count': /number of metadata entries is 1152921504606846976/,
	'absurd-key-length': /length of a metadata key is 1152921504606846976/,
	'absurd-string-length': /length of general\.name is 4294967280/,
	'absurd-array-length': /length of tokenizer\.ggml\.tokens is 1152921504606846976/,
	'unknown-value-type': /general\.name has the unknown type 77/,
	'wrong-value-type': /llama\.block_count is four/,
	'zero-alignment': /general\.alignment is 0/,
	'tensor-beyond-file': /blk\.2\.attn_q\.weight ends \d+ bytes after the end of the file/,
	'absurd-tensor-dimensions': /blk\.2\.attn_q\.weight ends \d+ bytes after the end of the file/,
	'absurd-dimension-count': /blk\.2\.attn_q\.weight has 4000000000 dimensions/,
	'unknown-tensor-type': /blk\.2\.attn_q\.weight has the unknown type 200/,
	'double-tensor': /Two tensors have the name token_embd\.weight/,
	'no-architecture': /does not name its architecture/,
	'unknown-architecture': /architecture "perceptron" is not known/,
	'no-tokens': /no vocabulary/,
	'no-heads': /llama\.attention\.head_count is 0/,
	'absurd-layers': /llama\.block_count is 4000000000/,
	'double-token': /same text "hello"/
};

describe('precheck', () => {
	for (const [name, { fault }] of Object.entries(brokenModels).filter(([name]) => name !== 'missing-tensor') as [keyof typeof complaints, { fault: string }][]) {
		it(`refuses a file that ${fault}, and says so`, async () => {
			const failure = await failureOf(writeBrokenModel(dir, name));
			expect(failure).toMatchObject({ code: 'MODEL_LOAD_ERROR', message: expect.stringMatching(complaints[name]) as string });
			expect(failure.message).toMatch(new RegExp(`^${name}\\.gguf cannot be loaded\\. `));
			expect(failure.message).not.toContain(dir);
		});
	}

	it('says that a file is not there', async () => {
		expect((await failureOf(join(dir, 'nowhere.gguf'))).message).toBe('nowhere.gguf cannot be loaded. The file does not exist.');
	});

	it('gives the header of a good file', async () => {
		const header = await precheck(tinyModel(dir));
		expect(header).toMatchObject({ version: 3, tokenCount: 1280, tensors: { length: 39 }, metadata: { 'general.name': 'Tiny Random', 'llama.block_count': 4 } });
	});

	for (const [key, complaint] of [['', 'empty'], ['\0general.name', 'damaged: "\\u0000general.name"']] as const) {
		it(`refuses a file with the key ${JSON.stringify(key)}`, async () => {
			const path = join(dir, 'key.gguf');
			writeFileSync(path, Buffer.concat([...encodeGguf(buildModel({ metadata: { [key]: 1 } }))]));
			expect((await failureOf(path)).message).toBe(`key.gguf cannot be loaded. The text of a metadata key is ${complaint}.`);
		});
	}

	it('refuses tokens that are the same up to a NUL', async () => {
		const path = join(dir, 'nul.gguf');
		const model = buildModel();
		const tokens = (model.metadata['tokenizer.ggml.tokens'] as readonly string[]).map((token, i) => (i === 700 ? 'hello\0world' : token));
		writeFileSync(path, Buffer.concat([...encodeGguf({ ...model, metadata: { ...model.metadata, 'tokenizer.ggml.tokens': tokens } })]));
		expect((await failureOf(path)).message).toMatch(/same text "hello"/);
	});

	it('stops when aborted', async () => {
		await expect(precheck(tinyModel(dir), AbortSignal.abort())).rejects.toThrow('aborted');
	});

	describe('heads by layer', () => {
		const withHeads = (architecture: string, heads: number | number[]) => {
			const options: ModelOptions = { architecture, metadata: { [`${architecture}.attention.head_count`]: typeof heads === 'number' ? heads : Int32Array.from(heads) } };
			const path = join(dir, 'heads.gguf');
			writeFileSync(path, Buffer.concat([...encodeGguf(buildModel(options))]));
			return path;
		};

		it('accepts one number for each layer', async () => {
			expect((await precheck(withHeads('llama', [4, 4, 2, 4]))).metadata['llama.attention.head_count']).toEqual([4, 4, 2, 4]);
		});

		it('refuses a layer without heads, but for the families that have such layers', async () => {
			expect((await failureOf(withHeads('llama', [4, 0, 4, 4]))).message).toMatch(/head_count is 0/);
			expect((await precheck(withHeads('deci', [4, 0, 4, 4]))).tokenCount).toBe(1280);
			expect((await failureOf(withHeads('deci', [0, 0, 0, 0]))).message).toMatch(/head_count is 0/);
		});

		it('refuses a list that is too short', async () => {
			expect((await failureOf(withHeads('llama', [4, 4]))).message).toMatch(/a list of 2 for 4 layers/);
		});
	});

	describe('split files', () => {
		const model = buildModel();

		it('accepts a whole set', async () => {
			const [first] = writeSplitGguf(dir, 'whole', model, 3);
			expect((await precheck(first!)).tensors.length).toBe(13);
		});

		it('names the part that is missing', async () => {
			const parts = writeSplitGguf(dir, 'gap', model, 3);
			rmSync(parts[1]!);
			expect((await failureOf(parts[0]!)).message).toBe('gap-00002-of-00003.gguf cannot be loaded. The file does not exist.');
		});

		it('names the part that is cut off', async () => {
			const parts = writeSplitGguf(dir, 'cut', model, 2);
			writeFileSync(parts[1]!, Buffer.alloc(10));
			expect((await failureOf(parts[0]!)).message).toMatch(/^cut-00002-of-00002\.gguf cannot be loaded\. The file is not a GGUF file/);
		});
	});
});

describe('architectures', () => {
	it('are those of the installed llama.cpp', async () => {
		const { getLlama } = await import('node-llama-cpp');
		const llama = await getLlama({ gpu: false, build: 'never', maxThreads: 1 });
		const bindings = (llama as unknown as { _bindings: { getAllArchs(): string[]; getIsArchSupported(name: string): boolean } })._bindings;
		expect([...architectures].sort()).toEqual(bindings.getAllArchs().filter((name) => bindings.getIsArchSupported(name)).sort());
		await llama.dispose();
	});
});
