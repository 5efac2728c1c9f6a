import { realpath } from 'node:fs/promises';
import type { FoundFile } from '../../contract/models.ts';
import { env } from '../env.ts';
import { resolveRoots } from './allowed-paths.ts';
import { findModels, type ModelFile } from './discover.ts';
import { otherOfName, registeredModels } from './registry.ts';

/** A found model as it is told. */
export const foundFile = ({ path, sizeBytes, facts: { architecture: _architecture, ...facts } }: ModelFile): FoundFile => ({ path, sizeBytes, ...facts });

/** `name`, or with a number that makes it free: a second `model.gguf` in another folder is `model-2`. */
export function freeName(name: string, taken = new Set<string>()): string {
	let free = name;
	for (let n = 2; taken.has(free) || otherOfName(free); n++) free = `${name}-${n}`;
	taken.add(free);
	return free;
}

/** Models in the models folders that are not registered, each with a name that is free. */
export async function offeredModels(signal: AbortSignal): Promise<FoundFile[]> {
	const roots = env().modelRoots;
	const found = await findModels(roots, { within: await resolveRoots(roots) }, signal);
	const real = (path: string) => realpath(path).catch(() => path);
	const registered = new Set(await Promise.all(registeredModels().map((model) => real(model.path))));
	const paths = await Promise.all(found.map((model) => real(model.path)));
	const taken = new Set<string>();
	return found.filter((_, index) => !registered.has(paths[index]!)).map((model) => ({ ...foundFile(model), name: freeName(model.facts.name, taken) }));
}
