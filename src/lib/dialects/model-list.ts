import type { ListedModel } from '../contract/models.ts';
import type { OpenAiModelList, RegistryModelList } from '../contract/rest/models.ts';
import type { V1Model, V1ModelList } from '../contract/v1/models.ts';

/** Document A's shape of the model list. */
export const registryModelList = (models: ListedModel[]): RegistryModelList => ({
	count: models.length,
	models: models.map(({ name, description, status, version }) => ({ name, description, status, version }))
});

/** Document B's shape: OpenAI's rows with `ownedBy`, as B writes it; `created` in epoch seconds. */
export const openAiModelList = (models: ListedModel[]): OpenAiModelList =>
	models.map((model) => ({ id: model.name, object: 'model', created: Math.floor(model.createdAt.getTime() / 1000), ownedBy: model.source }));

/** A row of `GET /v1/models`, whole: `/v1/models/{id}`. The context's length is an extra that clients tolerate and some use. */
export const v1Model = (model: ListedModel): V1Model => ({
	id: model.name,
	object: 'model',
	created: Math.floor(model.createdAt.getTime() / 1000),
	owned_by: model.source,
	...(model.contextLength === null ? {} : { context_length: model.contextLength })
});

export const v1ModelList = (models: ListedModel[]): V1ModelList => ({ object: 'list', data: models.map(v1Model) });
