import { openAiError } from '#lib/dialects/openai-error.ts';
import { chatRequestOfOpenAi } from '#lib/dialects/openai-request.ts';
import { chatResponse } from '#lib/server/http/chat.ts';
import { endpoint } from '#lib/server/http/endpoint.ts';

export const POST = endpoint((input) => chatResponse({ ...input, body: chatRequestOfOpenAi(input.body) }, openAiError), Infinity);
