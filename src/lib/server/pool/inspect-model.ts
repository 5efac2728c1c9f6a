import { stat } from 'node:fs/promises';
import { AppError } from '../errors.ts';
import type { ModelShape, ModelSpec } from './model-spec.ts';

export type Inspection = {
	/** names this very file: a replaced one has another */
	identity: string;
	shape: ModelShape;
};

/** Looks at a file before it is loaded. @throws AppError MODEL_LOAD_ERROR when it is not there */
export async function inspectModel(spec: ModelSpec): Promise<Inspection> {
	const facts = await stat(spec.path).catch((cause: unknown) => {
		throw new AppError('MODEL_LOAD_ERROR', `The file of the model "${spec.name}" can't be read; check that it still lies where it was registered`, { cause });
	});
	return { identity: `${spec.path}:${facts.size}:${facts.mtimeMs}`, shape: spec.shape ?? { fileBytes: facts.size, layers: 0, kvHeads: 0, headElements: 0 } };
}
