import { responsesRequestSchema } from '#lib/contract/v1/responses.ts';
import { responses } from '#lib/dialects/openai-responses.ts';
import { answerResponse } from '#lib/server/http/chat.ts';
import { endpoint } from '#lib/server/http/endpoint.ts';

export const POST = endpoint((input) => {
	const { chat, asked } = responsesRequestSchema.parse(input.body);
	return answerResponse({ ...input, body: chat }, responses(asked));
}, Infinity);
