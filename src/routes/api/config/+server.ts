import { endpoint } from '#lib/server/http/endpoint.ts';

export const GET = endpoint(({ caller }) => caller.config.get());
export const POST = endpoint(({ caller, body }) => caller.config.update(body));
