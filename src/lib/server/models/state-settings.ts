import { join } from 'node:path';
import { env } from '../env.ts';
import { parametersFor } from '../parameters/values.ts';
import type { StateSettings } from '../pool/engine/kept-states.ts';

/** Folder of the states of all models. */
export const statesRoot = (): string => join(env().dataDir, 'states');

const mebibyte = 2 ** 20;
/** Bytes on disk that states of all models may take. */
export const stateDiskBytes = (): number => parametersFor('').promptCacheDisk * mebibyte;

/** Where a model's engine keeps states, and how much of them; undefined where both bounds are zero. */
export function stateSettingsOf(modelId: string): StateSettings | undefined {
	const [memoryBytes, diskBytes] = [parametersFor(modelId).promptCacheMemory * mebibyte, stateDiskBytes()];
	return memoryBytes === 0 && diskBytes === 0 ? undefined : { root: statesRoot(), modelKey: modelId, memoryBytes, diskBytes };
}
