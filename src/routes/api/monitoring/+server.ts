import { endpoint } from '#lib/server/http/endpoint.ts';

export const GET = endpoint(({ caller }) => caller.monitoring.current());
