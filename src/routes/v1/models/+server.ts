import { v1ModelList } from '#lib/dialects/model-list.ts';
import { endpoint } from '#lib/server/http/endpoint.ts';

export const GET = endpoint(async ({ caller }) => v1ModelList(await caller.models.list()));
