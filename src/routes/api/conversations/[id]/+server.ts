import { conversationDetailOf } from '#lib/dialects/conversations.ts';
import { endpoint } from '#lib/server/http/endpoint.ts';

export const GET = endpoint(async ({ caller, params }) => conversationDetailOf(await caller.conversations.get({ id: params.id! })));
