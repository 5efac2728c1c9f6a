import { endpoint } from '#lib/server/http/endpoint.ts';

export const POST = endpoint(({ caller }) => caller.auth.logout());
