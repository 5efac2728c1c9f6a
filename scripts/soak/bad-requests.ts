// 10,000 generated bad requests against every documented route of the built server: no 5xx, no stack, no crash, the one error body.
import { makeKey, sendBadRequests } from '../../tests/support/bad-requests.ts';
import { signIn } from '../../tests/support/sign-in.ts';
import { startServer } from '../../tests/support/start-server.ts';

const count = 10_000;
const server = await startServer({ RATE_LIMIT_USER: '0', RATE_LIMIT_IP: '0', RATE_LIMIT_LOGIN: '0' });
try {
	const { fetch } = await signIn(server);
	const { faults, byStatus } = await sendBadRequests(server.url, await makeKey(fetch), count, Date.now());
	const alive = (await fetch('/api/models')).status === 200;
	console.log('| status | answers |\n|---:|---:|');
	for (const [status, answers] of Object.entries(byStatus)) console.log(`| ${status} | ${answers} |`);
	console.log(`\n${count} requests, ${faults.length} improper answers, the server ${alive ? 'lives' : 'is gone'}.`);
	for (const { request, status, fault } of faults.slice(0, 20)) console.log(`- ${request.method} ${request.path} → ${status}: ${fault}`);
	process.exitCode = faults.length === 0 && alive ? 0 : 1;
} finally {
	await server.stop();
}
