import { endpoint } from '#lib/server/http/endpoint.ts';

export const POST = endpoint(({ caller, body }) => caller.embeddings.detokenize(body), Infinity);
