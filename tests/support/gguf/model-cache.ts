/** Models that many tests want are made once for this machine and copied. */
import { createHash } from 'node:crypto';
import { constants, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildModel, type ModelOptions } from './model.ts';
import { writeGguf } from './writer.ts';

/** A change in the generator makes new files. */
const generator = createHash('sha256');
for (const file of readdirSync(import.meta.dirname).sort()) if (!file.endsWith('.test.ts')) generator.update(readFileSync(join(import.meta.dirname, file)));
const folder = join(tmpdir(), `llama-runner-models-${process.getuid?.() ?? 0}`, generator.digest('hex').slice(0, 16));

/** Writes the model of these options to `path`: a copy of its own, which a test may damage. */
export function placeModel(path: string, options: ModelOptions): string {
	// an undefined member takes a key of the metadata away, so it counts
	const described = JSON.stringify(options, (_, value: unknown) => (value === undefined ? 'undefined' : value));
	const key = createHash('sha256').update(described).digest('hex').slice(0, 32);
	const stored = join(folder, `${key}.gguf`);
	if (!existsSync(stored)) {
		mkdirSync(folder, { recursive: true, mode: 0o700 });
		writeGguf(stored, buildModel(options));
	}
	copyFileSync(stored, path, constants.COPYFILE_FICLONE);
	return path;
}
