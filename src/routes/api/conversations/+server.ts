import { conversationOf } from '#lib/dialects/conversations.ts';
import { endpoint } from '#lib/server/http/endpoint.ts';

export const GET = endpoint(async ({ caller }) => (await caller.conversations.list()).map(conversationOf));
export const POST = endpoint(async ({ caller, body }) => conversationOf(await caller.conversations.create(body)));
