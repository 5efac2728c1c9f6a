import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { AppError } from '../errors.ts';
import { partPaths, precheck } from '../pool/engine/precheck.ts';
import { identifyModel, whyNoModel, type ModelFacts } from './identify.ts';

export type CheckedFile = { sizeBytes: number; facts: ModelFacts };

/** Looks at a file that is to be registered: its header, and whether all it lists lies inside. @throws AppError VALIDATION_ERROR that begins with `name` */
export async function checkModelFile(name: string, given: string, signal: AbortSignal): Promise<CheckedFile> {
	const path = resolve(given);
	const wrong = (why: string) => new AppError('VALIDATION_ERROR', `${name}: ${why}`);
	let isFile: boolean;
	try {
		isFile = (await stat(path)).isFile();
	} catch (thrown) {
		const { code } = thrown as NodeJS.ErrnoException;
		throw wrong(code === 'ENOENT' || code === 'ENOTDIR' ? `there is no file ${given}` : `the file ${given} can't be read${code ? ` (${code})` : ''}`);
	}
	if (!isFile) throw wrong(`${given} is no file`);
	try {
		const header = await precheck(path, signal);
		const reason = whyNoModel(path, header);
		if (reason) throw wrong(`${given} is ${reason}`);
		const sizes = await Promise.all(partPaths(path, header).map(async (part) => (await stat(part)).size));
		return { sizeBytes: sizes.reduce((sum, size) => sum + size, 0), facts: identifyModel(path, header) };
	} catch (thrown) {
		signal.throwIfAborted();
		throw thrown instanceof AppError && thrown.code === 'MODEL_LOAD_ERROR' ? wrong(thrown.message) : thrown;
	}
}
