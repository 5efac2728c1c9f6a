import { messagesRequestSchema } from '#lib/contract/v1/messages.ts';
import { anthropicMessages } from '#lib/dialects/anthropic-messages.ts';
import { answerResponse } from '#lib/server/http/chat.ts';
import { endpoint } from '#lib/server/http/endpoint.ts';

export const POST = endpoint(
	(input) => answerResponse({ ...input, body: messagesRequestSchema.parse(input.body) }, anthropicMessages(input.event.locals.context.requestId)),
	Infinity
);
