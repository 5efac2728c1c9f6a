import type { ListedModel } from '../../contract/models.ts';
import { localModels } from './local.ts';
import { findRegistered, type RegisteredModel } from './registry.ts';

/** The one list of models. */
export async function listModels(_signal: AbortSignal): Promise<ListedModel[]> {
	return localModels();
}

/** The model that a client means by this name. */
export async function findModel(name: string, _signal: AbortSignal): Promise<RegisteredModel | undefined> {
	return findRegistered(name);
}
