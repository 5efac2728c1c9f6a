import { endpoint } from '#lib/server/http/endpoint.ts';

export const GET = endpoint(({ caller, query }) => caller.monitoring.history({ hours: query.has('hours') ? Number(query.get('hours')) : undefined }));
