import { countTokensRequestSchema } from '#lib/contract/v1/messages.ts';
import { endpoint } from '#lib/server/http/endpoint.ts';

export const POST = endpoint(async ({ caller, body }) => ({ input_tokens: (await caller.chat.countTokens(countTokensRequestSchema.parse(body) as never)).tokens }), Infinity);
