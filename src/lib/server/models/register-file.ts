import { realpath } from 'node:fs/promises';
import { nameOfFile } from './identify.ts';
import { freeName } from './offered.ts';
import { registeredModels, registerModels } from './registry.ts';

/** Registers one file under its own name, or that with a number where it is taken; one that is registered stays. @returns its name @throws AppError VALIDATION_ERROR */
export async function registerFile(path: string, signal: AbortSignal): Promise<string> {
	const real = await realpath(path);
	const paths = await Promise.all(registeredModels().map(async (model) => ({ model, at: await realpath(model.path).catch(() => model.path) })));
	const there = paths.find(({ at }) => at === real);
	if (there) return there.model.name;
	const name = freeName(nameOfFile(path));
	await registerModels([{ name, path }], signal);
	return name;
}
