import { expect, it } from 'vitest';
import { makeKey, sendBadRequests } from '../support/bad-requests.ts';
import { signIn } from '../support/sign-in.ts';
import { startServer } from '../support/start-server.ts';

it('500 generated bad requests against every documented route get proper refusals, and the server lives', async () => {
	const server = await startServer({ RATE_LIMIT_USER: '0', RATE_LIMIT_IP: '0', RATE_LIMIT_LOGIN: '0' });
	try {
		const { fetch } = await signIn(server);
		const { faults, byStatus } = await sendBadRequests(server.url, await makeKey(fetch), 500, 1);
		expect(faults.map(({ request, status, fault }) => `${request.method} ${request.path} → ${status}: ${fault}; body ${request.body?.toString().slice(0, 200)}`)).toEqual([]);
		expect(byStatus[400]).toBeGreaterThan(100); // the requests are really bad
		expect((await fetch('/api/models')).status).toBe(200);
	} finally {
		await server.stop();
	}
});
