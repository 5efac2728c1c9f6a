import { chatCompletions } from '#lib/dialects/openai-chat.ts';
import { openAiError } from '#lib/dialects/openai-error.ts';
import { chatRequestOfOpenAi } from '#lib/dialects/openai-request.ts';
import { answerResponse } from '#lib/server/http/chat.ts';
import { endpoint } from '#lib/server/http/endpoint.ts';

export const POST = endpoint(
	(input) => answerResponse({ ...input, body: chatRequestOfOpenAi(input.body) }, chatCompletions(input.body?.stream_options?.include_usage === true, openAiError)),
	Infinity
);
