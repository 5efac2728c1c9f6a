/** A model in several files, as llama.cpp's gguf-split cuts it: `name-00001-of-00002.gguf`. */
import { join } from 'node:path';
import { writeGguf, type GgufModel } from './writer.ts';

/** Writes all parts and gives their paths; the first has the metadata and is the one to load. */
export function writeSplitGguf(dir: string, name: string, model: GgufModel, parts: number): string[] {
	const inEach = Math.ceil(model.tensors.length / parts);
	const five = (number: number) => String(number).padStart(5, '0');
	return Array.from({ length: parts }, (_, part) => {
		const path = join(dir, `${name}-${five(part + 1)}-of-${five(parts)}.gguf`);
		const split = { 'split.no': { u16: part }, 'split.count': { u16: parts }, 'split.tensors.count': { i32: model.tensors.length } };
		writeGguf(path, {
			metadata: part === 0 ? { ...model.metadata, ...split } : split,
			tensors: model.tensors.slice(part * inEach, (part + 1) * inEach)
		});
		return path;
	});
}
