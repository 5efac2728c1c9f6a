import type { ListedModel } from '../contract/models.ts';

/** Document A's shape of the model list. */
export const registryModelList = (models: ListedModel[]) => ({
	count: models.length,
	models: models.map(({ name, description, status, version }) => ({ name, description, status, version }))
});

/** Document B's shape: OpenAI's rows with `ownedBy`, as B writes it; `created` in epoch seconds. */
export const openAiModelList = (models: ListedModel[]) =>
	models.map((model) => ({ id: model.name, object: 'model' as const, created: Math.floor(model.createdAt.getTime() / 1000), ownedBy: model.source }));
