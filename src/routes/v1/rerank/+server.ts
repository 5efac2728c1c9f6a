import { rerankList } from '#lib/dialects/openai-embeddings.ts';
import { endpoint } from '#lib/server/http/endpoint.ts';

export const POST = endpoint(async ({ caller, body }) => rerankList(await caller.embeddings.rerank(body)), Infinity);
