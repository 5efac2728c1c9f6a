// 100,000 chats through the gateway, streamed and whole, some of them left in the middle: the server's memory stays flat.
import { startFakeLmStudio } from '../../tests/support/fake-lm-studio/fake-lm-studio.ts';
import { signIn } from '../../tests/support/sign-in.ts';
import { startServer } from '../../tests/support/start-server.ts';

const chats = Number(process.argv[2] ?? 100_000);
const atOnce = 16;
/** A tenth of the chats fills pools, caches and the log's ring; from then on nothing may grow. */
const warmUp = chats / 10;
const allowedGrowth = 1.15;

const upstream = await startFakeLmStudio({ tokenMs: 0 });
const server = await startServer({ LM_STUDIO_URL: upstream.url, RATE_LIMIT_USER: '0' });
try {
	const { token } = await signIn(server);
	const chat = async (n: number) => {
		const leaves = n % 50 === 0;
		const controller = new AbortController();
		const response = await fetch(`${server.url}/v1/chat/completions`, {
			method: 'POST',
			signal: controller.signal,
			headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
			body: JSON.stringify({ model: 'qwen3-4b', stream: n % 2 === 0, messages: [{ role: 'user', content: `chat ${n} ${'word '.repeat(50)}` }] })
		});
		if (response.status !== 200) throw new Error(`chat ${n} answered ${response.status}: ${await response.text()}`);
		if (leaves) controller.abort();
		else await response.text();
	};
	const residentMiB = async () => Number(/^process_resident_memory_bytes (\S+)/m.exec(await (await fetch(`${server.url}/metrics`)).text())![1]) / 2 ** 20;

	console.log('| chats | resident MiB |\n|---:|---:|');
	let next = 0;
	const marks: number[] = [];
	for (let mark = warmUp; mark <= chats; mark += warmUp) {
		await Promise.all(Array.from({ length: atOnce }, async () => {
			while (next < mark) await chat(next++);
		}));
		const resident = await residentMiB();
		marks.push(resident);
		console.log(`| ${mark} | ${resident.toFixed(0)} |`);
	}
	const growth = Math.max(...marks.slice(-3)) / Math.max(...marks.slice(0, 3));
	console.log(`\nThe last three against the first three: ${((growth - 1) * 100).toFixed(1)} %; at most ${((allowedGrowth - 1) * 100).toFixed(0)} % may be.`);
	process.exitCode = growth <= allowedGrowth ? 0 : 1;
} finally {
	await server.stop();
	await upstream.stop();
}
