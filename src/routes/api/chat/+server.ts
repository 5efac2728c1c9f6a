import { chatResponse } from '#lib/server/http/chat.ts';
import { endpoint } from '#lib/server/http/endpoint.ts';

export const POST = endpoint(chatResponse, Infinity);
