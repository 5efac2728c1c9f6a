import { parameterCategory } from '#lib/dialects/parameters.ts';
import { endpoint } from '#lib/server/http/endpoint.ts';

export const GET = endpoint(async ({ caller, params }) => parameterCategory(params.category!, await caller.parameters.list({ category: params.category })));
