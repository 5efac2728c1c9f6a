import { endpoint } from '#lib/server/http/endpoint.ts';
import { openAiModelList, registryModelList } from '#lib/dialects/model-list.ts';
import { modelListDialect } from '#lib/server/http/negotiate.ts';

export const GET = endpoint(async ({ caller, event }) => {
	const models = await caller.models.list();
	const body = modelListDialect(event) === 'openai' ? openAiModelList(models) : registryModelList(models);
	return Response.json(body, { headers: { vary: 'Authorization, Cookie, Accept' } });
});

export const POST = endpoint(({ caller, body }) => caller.models.register(body));
