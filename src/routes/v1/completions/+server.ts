import { completionsResponse } from '#lib/server/http/completions.ts';
import { endpoint } from '#lib/server/http/endpoint.ts';

export const POST = endpoint(completionsResponse, Infinity);
