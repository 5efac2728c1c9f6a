// 1,000 sign-ins and 100,000 authenticated requests: neither memory nor the table of sessions grows beyond what is kept on purpose.
import { Agent, request } from 'node:http';
import { signIn } from '../../tests/support/sign-in.ts';
import { startServer } from '../../tests/support/start-server.ts';

const signIns = 1_000;
const requests = Number(process.argv[2] ?? 100_000);
const atOnce = 16;
/** The first tenth fills caches and the log's ring; from then on nothing may grow. */
const warmUp = requests / 10;
const allowedGrowth = 1.15;

const server = await startServer({ RATE_LIMIT_USER: '0', RATE_LIMIT_IP: '0', RATE_LIMIT_LOGIN: '0' });
const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
try {
	for (let left = signIns; left > 0; left -= 10) await Promise.all(Array.from({ length: 10 }, () => signIn(server)));
	const { token, fetch: call } = await signIn(server);

	const get = (path: string) =>
		new Promise<void>((resolve, reject) => {
			request(`${server.url}${path}`, { agent, headers: { authorization: `Bearer ${token}` } }, (response) => {
				if (response.statusCode !== 200) reject(new Error(`${path} answered ${response.statusCode}`));
				response.resume().once('end', resolve);
			})
				.once('error', reject)
				.end();
		});
	const residentMiB = async () => Number(/^process_resident_memory_bytes (\S+)/m.exec(await (await call('/metrics')).text())![1]) / 2 ** 20;

	const paths = ['/api/config', '/api/models', '/api/conversations', '/api/parameters/model'];
	console.log('| requests | resident MiB |\n|---:|---:|');
	const marks: number[] = [];
	let next = 0;
	for (let mark = warmUp; mark <= requests; mark += warmUp) {
		await Promise.all(Array.from({ length: atOnce }, async () => {
			while (next < mark) await get(paths[next++ % paths.length]!);
		}));
		marks.push(await residentMiB());
		console.log(`| ${mark} | ${marks.at(-1)!.toFixed(0)} |`);
	}
	const answer = (await (await call('/trpc/auth.sessions')).json()) as { result: { data: { json: unknown[] } } };
	const sessions = answer.result.data.json.length;
	const growth = Math.max(...marks.slice(-3)) / Math.max(...marks.slice(0, 3));
	console.log(`\n${signIns + 1} sign-ins left ${sessions} sessions. The last three marks against the first three: ${((growth - 1) * 100).toFixed(1)} %; at most ${((allowedGrowth - 1) * 100).toFixed(0)} % may be.`);
	process.exitCode = growth <= allowedGrowth && sessions <= signIns + 1 ? 0 : 1;
} finally {
	agent.destroy();
	await server.stop();
}
