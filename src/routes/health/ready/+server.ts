import { endpoint } from '#lib/server/http/endpoint.ts';

export const GET = endpoint(async ({ caller }) => {
	const readiness = await caller.health.ready();
	return Response.json(readiness, { status: readiness.status === 'Unhealthy' ? 503 : 200 });
});
