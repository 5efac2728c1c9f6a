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

const realPath = (path: string) => realpath(path).catch(() => path);

/** Whether files are registered, by where they really lie: the model's name, or null. */
export async function registrations(): Promise<(path: string) => Promise<string | null>> {
	const byPath = new Map(await Promise.all(registeredModels().map(async ({ name, path }) => [await realPath(path), name] as const)));
	return async (path) => byPath.get(await realPath(path)) ?? null;
}

/** Models in the models folders that are not registered, each with a name that is free. */
export async function offeredModels(signal: AbortSignal): Promise<FoundFile[]> {
	const roots = env().modelRoots;
	const found = await findModels(roots, { within: await resolveRoots(roots) }, signal);
	const registeredAs = await registrations();
	const names = await Promise.all(found.map((model) => registeredAs(model.path)));
	const taken = new Set<string>();
	return found.filter((_, index) => names[index] === null).map((model) => ({ ...foundFile(model), name: freeName(model.facts.name, taken) }));
}
