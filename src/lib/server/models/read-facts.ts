import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { GgufError, readGgufHeader } from '../pool/engine/gguf.ts';
import { partPaths } from '../pool/engine/precheck.ts';
import { identifyModel, whyNoModel, type ModelFacts } from './identify.ts';

/** What a file's header says: a model, or why it is none. `gone`: because it, or a part of it, is not there. */
export type FileFacts = { path: string; sizeBytes: number; facts: ModelFacts } | { path: string; reason: string; gone?: boolean };

const isGone = (thrown: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes((thrown as NodeJS.ErrnoException).code ?? '');

/** Files whose facts are kept: reading one costs up to 170 ms, by its vocabulary. */
const kept = 20_000;
const cache = new Map<string, FileFacts>();

/** Reads a file's header, or what is known of it as long as the file is the same. @throws the signal's reason */
export async function readFacts(path: string, signal: AbortSignal): Promise<FileFacts> {
	signal.throwIfAborted();
	let identity: string | undefined;
	try {
		const { size, mtimeMs, ino } = await stat(path);
		identity = `${path}\n${size}\n${mtimeMs}\n${ino}`;
		const known = cache.get(identity);
		// A split model's other parts may have come or gone since.
		if (known && !/-of-\d{5}\.gguf$/i.test(path)) return known;
	} catch (thrown) {
		return { path, reason: 'it can not be read', gone: isGone(thrown) };
	}
	const facts = await readAnew(path, signal);
	if (cache.size >= kept) cache.delete(cache.keys().next().value!);
	cache.set(identity, facts);
	return facts;
}

async function readAnew(path: string, signal: AbortSignal): Promise<FileFacts> {
	if (/mmproj|-(?!00001)\d{5}-of-\d{5}\.gguf$/i.test(basename(path))) return { path, reason: whyNoModel(path, { metadata: {} })! };
	try {
		const header = await readGgufHeader(path, {}, signal);
		const reason = whyNoModel(path, header);
		if (reason) return { path, reason };
		const others = await Promise.all(partPaths(path, header).slice(1).map((part) => stat(part)));
		return { path, sizeBytes: others.reduce((sum, part) => sum + part.size, header.fileBytes), facts: identifyModel(path, header) };
	} catch (thrown) {
		signal.throwIfAborted();
		if (thrown instanceof GgufError) return { path, reason: thrown.message };
		return isGone(thrown) ? { path, reason: 'a part of the split model is missing', gone: true } : { path, reason: 'it can not be read' };
	}
}
