import { v1Model } from '#lib/dialects/model-list.ts';
import { AppError } from '#lib/server/errors.ts';
import { endpoint } from '#lib/server/http/endpoint.ts';

export const GET = endpoint(async ({ caller, params: { id = '' } }) => {
	const model = (await caller.models.list()).find(({ name, local }) => name === id || local?.aliases.includes(id));
	if (!model) throw new AppError('MODEL_NOT_FOUND', `There is no model "${id}"`);
	return v1Model(model);
});
