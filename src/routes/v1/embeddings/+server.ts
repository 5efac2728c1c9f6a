import { embeddingList } from '#lib/dialects/openai-embeddings.ts';
import { endpoint } from '#lib/server/http/endpoint.ts';

export const POST = endpoint(async ({ caller, body }) => embeddingList(await caller.embeddings.create(body), body?.encoding_format), Infinity);
