import type { ListedModel, ModelStatus } from '../../contract/models.ts';
import type { ModelState } from '../pool/model-spec.ts';
import { builtInModelPath } from './built-in.ts';
import { registeredModels, type RegisteredModel } from './registry.ts';
import { pool } from './running.ts';

const gone = 'Its file is gone; put it back, or register the model with its new path';

/** What a model is called by who shows it: one whose file is gone is an error, unless it still runs. */
export function shownState(missing: boolean, state: Pick<ModelState, 'phase' | 'error'> | undefined): { status: ModelStatus; error: string | null } {
	const phase = state?.phase ?? 'stopped';
	if (missing && phase !== 'running') return { status: 'error', error: gone };
	return { status: phase, error: state?.error ?? null };
}

const listed = (model: RegisteredModel, state: ModelState | undefined): ListedModel => {
	const { status, error } = shownState(model.missing, state);
	return {
		name: model.name,
		description: model.description,
		status,
		version: model.version,
		source: 'local',
		family: model.family,
		quantization: model.quantization,
		sizeBytes: model.sizeBytes,
		parameterCount: model.parameterCount,
		contextLength: model.contextLength,
		createdAt: model.createdAt,
		error,
		local: {
			aliases: model.aliases,
			pinned: model.pinned,
			missing: model.missing,
			builtIn: model.path === builtInModelPath(),
			purpose: model.purpose,
			hasChatTemplate: model.hasChatTemplate,
			lastUsedAt: model.lastUsedAt
		}
	};
};

/** The registered models with the state each is in. */
export function localModels(): ListedModel[] {
	const states = new Map(pool().states().map((state) => [state.key, state]));
	return registeredModels().map((model) => listed(model, states.get(model.id)));
}

/** One of them as the list has it. */
export const listedModel = (model: RegisteredModel): ListedModel => listed(model, pool().states().find((state) => state.key === model.id));


