import { basename } from 'node:path';
import type { MetadataEntry, ModelDetails } from '../../contract/models.ts';
import { readGgufHeader, type GgufValue } from '../pool/engine/gguf.ts';
import { statesOnDisk } from './kept-states.ts';
import { listedModel } from './local.ts';
import { requireRegistered } from './registry.ts';

/** Of a metadata value that is shown: characters of a text, entries of a list. A file may hold megabytes of either. */
const shown = { text: 4000, list: 32, template: 64_000, entries: 2000 };

const cut = (text: string, longest: number) => (text.length > longest ? `${text.slice(0, longest)}…` : text);
const scalar = (value: unknown) => (typeof value === 'bigint' ? String(value) : typeof value === 'string' ? cut(value, shown.text) : (value as number | boolean));

function entry(key: string, value: GgufValue): MetadataEntry {
	if (Array.isArray(value)) return { key, value: value.slice(0, shown.list).map(scalar), length: value.length };
	if (typeof value === 'object') return { key, value: [], length: value.length };
	return { key, value: scalar(value), length: null };
}

/**
 * Everything about a registered model: what its file says, and where it lies.
 * @param showPath whether the caller may know the server's folders
 * @throws AppError MODEL_NOT_FOUND
 */
export async function modelDetails(name: string, showPath: boolean, signal: AbortSignal): Promise<ModelDetails> {
	const model = requireRegistered(name);
	// A file that is gone has no metadata; that it is gone stands in the list.
	const header = await readGgufHeader(model.path, {}, signal).catch(() => undefined);
	signal.throwIfAborted();
	const { 'tokenizer.chat_template': template, ...metadata } = header?.metadata ?? {};
	return {
		...listedModel(model),
		file: showPath ? model.path : basename(model.path),
		architecture: model.architecture,
		updatedAt: model.updatedAt,
		ggufVersion: header?.version ?? null,
		tensorCount: header?.tensors.length ?? null,
		vocabularySize: header?.tokenCount ?? null,
		chatTemplate: typeof template === 'string' ? cut(template, shown.template) : null,
		keptOnDisk: await statesOnDisk(model.id),
		metadata: Object.entries(metadata).slice(0, shown.entries).map(([key, value]) => entry(key, value))
	};
}
