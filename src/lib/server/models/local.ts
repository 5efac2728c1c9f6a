import type { ListedModel } from '../../contract/models.ts';
import type { ModelState } from '../pool/model-spec.ts';
import { registeredModels, type RegisteredModel } from './registry.ts';
import { pool } from './running.ts';

const gone = 'Its file is gone; put it back, or register the model with its new path';

const listed = (model: RegisteredModel, state: ModelState | undefined): ListedModel => {
	const isLost = model.missing && state?.phase !== 'running';
	return {
		name: model.name,
		description: model.description,
		status: isLost ? 'error' : (state?.phase ?? 'stopped'),
		version: model.version,
		source: 'local',
		family: model.family,
		quantization: model.quantization,
		sizeBytes: model.sizeBytes,
		parameterCount: model.parameterCount,
		contextLength: model.contextLength,
		createdAt: model.createdAt,
		error: isLost ? gone : (state?.error ?? null),
		local: {
			aliases: model.aliases,
			pinned: model.pinned,
			missing: model.missing,
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


