import { parameterValue } from '#lib/dialects/parameters.ts';
import { endpoint } from '#lib/server/http/endpoint.ts';

export const GET = endpoint(async ({ caller, params }) => parameterValue(await caller.parameters.get({ name: params.paramName!, category: params.category })));
export const PUT = endpoint(async ({ caller, params, body }) => parameterValue(await caller.parameters.set({ ...body, name: params.paramName!, category: params.category })));
