import { stat } from 'node:fs/promises';
import { AppError } from '../errors.ts';
import { readModelShape, type ModelShape } from './model-shape.ts';
import type { ModelSpec } from './model-spec.ts';

export type Inspection = {
	/** names this very file: a replaced one has another */
	identity: string;
	shape: ModelShape;
};

/** Looks at a file before it is loaded. @throws AppError MODEL_LOAD_ERROR when it is not there */
export async function inspectModel({ path, name, shape }: ModelSpec): Promise<Inspection> {
	try {
		const { size, mtimeMs } = await stat(path);
		return { identity: `${path}:${size}:${mtimeMs}`, shape: shape ?? (await readModelShape(path)) };
	} catch (cause) {
		throw new AppError('MODEL_LOAD_ERROR', `The file of the model "${name}" can't be read; check that it still lies where it was registered`, { cause });
	}
}
