import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ChatRequestInput } from '../../../src/lib/contract/chat.ts';
import { openChatSocket } from '../../support/chat-frames.ts';
import { startChatServer, type ChatServer } from '../../support/chat-server.ts';
import { startFakeLmStudio, type FakeLmStudio } from '../../support/fake-lm-studio/fake-lm-studio.ts';
import { readMetrics, untilMetrics } from '../../support/metrics.ts';

let fake: FakeLmStudio;
let server: ChatServer;
beforeAll(async () => {
	fake = await startFakeLmStudio({ models: [{ key: 'upstream-model', loaded: true }], tokenMs: 20, reply: Array(2000).fill('word ') as string[] });
	server = await startChatServer({ LM_STUDIO_URL: fake.url }, { contextLength: 32_768, parallelSlots: 1, batchSize: 32 });
});
afterAll(async () => {
	await server.stop();
	await fake.stop();
});

/** What a client that has gone must leave behind at once: a generation that would go on runs for minutes. */
const soonMs = 1000;
const long = { model: 'endless', messages: [{ role: 'user', content: 'Go on.' }], max_tokens: 30_000, store: false };

type Client = { leave: () => void };
const overHttp = (stream: boolean) => async (body: object): Promise<Client> => {
	const controller = new AbortController();
	void server.post('/api/chat', { ...body, stream }, { signal: controller.signal }).then((response) => response.text()).catch(() => undefined);
	return { leave: () => controller.abort() };
};
async function overSocket(body: object): Promise<Client> {
	const { socket, send } = await openChatSocket(server.url, { authorization: `Bearer ${server.admin.token}` });
	send(body);
	return { leave: () => socket.terminate() };
}
const transports = [['SSE', overHttp(true)], ['JSON', overHttp(false)], ['WebSocket', overSocket]] as const;

const cancelled = (phase: string) => `generation_cancellations_total{phase="${phase}"}`;

describe.each(transports)('a client that leaves cancels its answer at once, over %s', (_name, begin) => {
	const clients: Client[] = [];
	const start = async (body: object) => {
		const client = await begin(body);
		clients.push(client);
		return client;
	};
	afterEach(async () => {
		for (const client of clients.splice(0)) client.leave();
		await untilMetrics(server, (value) => value('slots_busy') === 0 && value('active_streams') === 0);
	});

	it('while the model is loading', async () => {
		await server.trpc.models.unload.mutate({ name: 'endless' });
		const before = (await readMetrics(server))(cancelled('loading'));
		const client = await start(long);
		await expect.poll(async () => (await server.get<{ id: string }[]>('/api/models?view=registry')) as unknown, { interval: 5, timeout: 5000 }).toMatchObject({ models: expect.arrayContaining([expect.objectContaining({ name: 'endless', status: 'loading' })]) });
		client.leave();
		await untilMetrics(server, (value) => value('queue_depth') === 0 && value('active_streams') === 0 && value('models_loaded') === 0 && value(cancelled('loading')) === before + 1, soonMs);
	});

	it('while it waits for a slot', async () => {
		const before = (await readMetrics(server))(cancelled('queued'));
		await start(long);
		await untilMetrics(server, (value) => value('slots_busy') === 1);
		const waiting = await start(long);
		await untilMetrics(server, (value) => value('queue_depth') === 1);
		waiting.leave();
		await untilMetrics(server, (value) => value('queue_depth') === 0 && value('active_streams') === 1 && value(cancelled('queued')) === before + 1, soonMs);
	});

	it('while the engine reads the prompt', async () => {
		const { [0]: before, [1]: answered } = await readMetrics(server).then((value) => [value(cancelled('prompt')), value('time_to_first_token_seconds_count')] as const);
		const client = await start({ ...long, max_tokens: 10, messages: [{ role: 'user', content: `${before} ${'word '.repeat(5000)}` }] });
		await untilMetrics(server, (value) => value('slots_busy') === 1);
		client.leave();
		await untilMetrics(server, (value) => value('slots_busy') === 0 && value('active_streams') === 0 && value(cancelled('prompt')) === before + 1, soonMs);
		expect((await readMetrics(server))('time_to_first_token_seconds_count')).toBe(answered);
	});

	it('while the engine answers', async () => {
		const { [0]: before, [1]: answered } = await readMetrics(server).then((value) => [value(cancelled('decoding')), value('time_to_first_token_seconds_count')] as const);
		const client = await start(long);
		await untilMetrics(server, (value) => value('time_to_first_token_seconds_count') === answered! + 1);
		client.leave();
		await untilMetrics(server, (value) => value('slots_busy') === 0 && value('active_streams') === 0 && value(cancelled('decoding')) === before! + 1, soonMs);
	});

	it('while an upstream answers: its socket is closed', async () => {
		const before = (await fake.counts()).chats.length;
		const client = await start({ ...long, model: 'upstream-model' });
		await expect.poll(async () => (await fake.counts()).chats.length).toBe(before + 1);
		client.leave();
		await untilMetrics(server, (value) => value('active_streams') === 0, soonMs);
		await expect.poll(async () => (await fake.counts()).chats.at(-1)).toMatchObject({ aborted: true });
	});
});

it('a page that goes away cancels nothing', async () => {
	const { answerId } = await server.trpc.chat.start.mutate(long as ChatRequestInput);
	await untilMetrics(server, (value) => value('slots_busy') === 1);
	await new Promise((resolve) => setTimeout(resolve, 300));
	expect((await readMetrics(server))('slots_busy')).toBe(1);
	await server.trpc.chat.stop.mutate({ answerId });
	await untilMetrics(server, (value) => value('slots_busy') === 0, soonMs);
});
