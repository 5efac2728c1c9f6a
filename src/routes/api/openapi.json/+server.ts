import { openApiDocument } from '#lib/openapi/document.ts';
import { endpoint } from '#lib/server/http/endpoint.ts';

export const GET = endpoint(async ({ caller }) => openApiDocument((await caller.config.get()).app.version));
