import { endpoint } from '#lib/server/http/endpoint.ts';
import { metricsResponse } from '#lib/server/http/metrics.ts';

export const GET = endpoint(({ event }) => metricsResponse(event.request));
