import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AppError } from '../../../src/lib/server/errors.ts';
import { precheck } from '../../../src/lib/server/pool/engine/precheck.ts';
import { writeBrokenModel, type BrokenModelName } from '../gguf/broken.ts';
import { buildModel } from '../gguf/model.ts';
import type { Random } from '../gguf/random.ts';
import { encodeGguf, encodeHeader } from '../gguf/writer.ts';
import { ask, openPool } from '../pool/open-pool.ts';

/** How many files ended how; `faults` is what must not be, in words. */
export type HostileFiles = { files: number; refusedBefore: number; refusedByLlama: number; crashed: number; working: number; slowestMs: number; faults: string[] };

/** Bytes that turn counts, lengths, types and offsets into absurd ones. */
const absurd = [0n, 1n, 0x7fn, 0xffn, 0x7fffffffn, 0x80000000n, 0xffffffffn, 0x7fffffffffffffffn, 0x8000000000000000n, 0xffffffffffffffffn, 1n << 40n, 1n << 60n];

/** One to three changes somewhere in the first `header` bytes: a bit, a byte, an absurd number, bytes put in, left out or moved, or the end cut off. */
function mutate(file: Buffer, header: number, random: Random): Buffer {
	let bytes = Buffer.from(file);
	for (let changes = 1 + (random.integer() % 3); changes > 0; changes--) {
		// Half of them where the structure is denser: keys and tensors, not a vocabulary's texts.
		const at = (random.unit() < 0.5 ? random.integer() % Math.min(1500, header) : random.integer() % header) % Math.max(1, bytes.length - 8);
		const kind = random.integer() % 8;
		if (kind <= 1) bytes[at]! ^= 1 << random.integer() % 8;
		else if (kind === 2) bytes[at] = random.integer() % 256;
		else if (kind === 3) bytes.writeUInt32LE(Number(random.pick(absurd) & 0xffffffffn), at);
		else if (kind === 4) bytes.writeBigUInt64LE(random.pick(absurd), at);
		else if (kind === 5) bytes = Buffer.concat([bytes.subarray(0, at), Buffer.alloc(1 + (random.integer() % 16), random.integer()), bytes.subarray(at)]);
		else if (kind === 6) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + (random.integer() % 16))]);
		else bytes.copy(bytes, at, random.integer() % header, (random.integer() % header) + 8);
	}
	return bytes;
}

/** Loads known bad files and so many mutations of a good one, each in an engine process of its own, and asks what loads for two tokens. */
export async function hostileFiles(random: Random, known: readonly BrokenModelName[], mutations: number, onFile: (done: number) => void = () => undefined): Promise<HostileFiles> {
	const opened = openPool({ maxLoaded: () => 1 });
	const { pool, dir } = opened;
	const seen: HostileFiles = { files: 0, refusedBefore: 0, refusedByLlama: 0, crashed: 0, working: 0, slowestMs: 0, faults: [] };
	const model = buildModel();
	const good = Buffer.concat([...encodeGguf(model)]);
	const header = encodeHeader(model).length;

	async function tryFile(key: string, path: string): Promise<void> {
		const startedAt = performance.now();
		const spec = opened.specOf(key, path, { loadTimeoutMs: 30_000 });
		const crashes = opened.count('crashed');
		try {
			for await (const event of pool.stream(spec, ask({ maxTokens: 2 }), AbortSignal.timeout(120_000))) if (event.type === 'error') throw new Error(event.message);
			seen.working++;
		} catch (thrown) {
			const { code, message } = thrown as AppError;
			if (!code || !message || /internal error/i.test(message) || message.includes(dir)) seen.faults.push(`${key}: ${String(thrown)}`);
			else if (opened.count('crashed') > crashes) seen.crashed++;
			else if (await precheck(path).then(() => false, () => true)) seen.refusedBefore++;
			else seen.refusedByLlama++;
		}
		await pool.remove(key);
		seen.files++;
		seen.slowestMs = Math.max(seen.slowestMs, performance.now() - startedAt);
		rmSync(path);
		onFile(seen.files);
	}
	try {
		for (const name of known) await tryFile(name, writeBrokenModel(dir, name));
		if (seen.working > 0) seen.faults.push(`${seen.working} of the broken models work`);
		for (let n = 0; n < mutations; n++) {
			const path = join(dir, `mutation-${n}.gguf`);
			writeFileSync(path, mutate(good, header, random));
			await tryFile(`mutation-${n}`, path);
		}
		const answer = opened.scripted('good');
		await pool.load(answer, AbortSignal.timeout(60_000));
	} finally {
		await opened.close();
	}
	return seen;
}
