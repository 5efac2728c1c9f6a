/**
 * How long a person waits for the first word of a warm tiny model, on each way in, and how long a generation outlives the
 * client that left. Milliseconds at the client, one request at a time. Build first; `node scripts/bench/first-token.ts`
 */
import { cpus } from 'node:os';
import { openChatSocket } from '../../tests/support/chat-frames.ts';
import { startChatServer } from '../../tests/support/chat-server.ts';
import { untilMetrics } from '../../tests/support/metrics.ts';
import { trpcSocket } from '../../tests/support/trpc-client.ts';
import { quantile } from './quantile.ts';

const runs = 50;
const server = await startChatServer();
const { token } = server.admin;
const ask = { model: 'endless', messages: [{ role: 'user' as const, content: 'Tell me something.' }], max_tokens: 20_000 };
const page = trpcSocket(server, { token });

/** Each way: asks, resolves at the first piece of text, and then leaves. */
type Way = () => Promise<{ firstMs: number; leave: () => void }>;

const sse: Way = async () => {
	const controller = new AbortController();
	const startedAt = performance.now();
	const response = await server.post('/api/chat', ask, { signal: controller.signal });
	const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
	for (let text = ''; !/"delta":\{"content":"[^"]/.test(text); ) text += (await reader.read()).value;
	const firstMs = performance.now() - startedAt;
	reader.closed.catch(() => undefined);
	return { firstMs, leave: () => controller.abort() };
};
const webSocket: Way = async () => {
	const chat = await openChatSocket(server.url, { authorization: `Bearer ${token}` });
	const startedAt = performance.now();
	chat.send(ask);
	while (!/"delta":\{"content":"[^"]/.test(await chat.next()));
	return { firstMs: performance.now() - startedAt, leave: () => chat.socket.terminate() };
};
const dashboard: Way = async () => {
	const startedAt = performance.now();
	const { answerId } = await server.trpc.chat.start.mutate(ask);
	const firstMs = await new Promise<number>((resolve, reject) => {
		const subscription = page.client.chat.events.subscribe({ answerId }, {
			onData({ data }) {
				if (data.type !== 'text') return;
				resolve(performance.now() - startedAt);
				subscription.unsubscribe();
			},
			onError: reject
		});
	});
	return { firstMs, leave: () => void server.trpc.chat.stop.mutate({ answerId }) };
};

console.log(`${cpus().length} × ${cpus()[0]!.model}, Node ${process.version}\n\n| way | first token p50 | p95 | slot free after leaving p50 | p95 |\n|---|---:|---:|---:|---:|`);
try {
	for (const [name, way] of Object.entries({ 'POST /api/chat (SSE)': sse, 'WebSocket /api/chat': webSocket, 'dashboard (chat.start, chat.events, chat.stop)': dashboard })) {
		const first: number[] = [];
		const free: number[] = [];
		for (let i = -2; i < runs; i++) {
			const { firstMs, leave } = await way();
			leave();
			const freeMs = await untilMetrics(server, (value) => value('slots_busy') === 0 && value('active_streams') === 0);
			if (i < 0) continue; // the first ones load the model
			first.push(firstMs);
			free.push(freeMs);
		}
		const ms = (values: number[], q: number) => quantile(values, q).toFixed(1);
		console.log(`| ${name} | ${ms(first, 0.5)} | ${ms(first, 0.95)} | ${ms(free, 0.5)} | ${ms(free, 0.95)} |`);
	}
} finally {
	await page.close();
	await server.stop();
}
