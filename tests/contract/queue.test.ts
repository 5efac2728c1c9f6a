import { afterAll, beforeAll, expect, it } from 'vitest';
import { sseBlocks } from '../support/chat-frames.ts';
import { startChatServer, type ChatServer } from '../support/chat-server.ts';
import { untilMetrics } from '../support/metrics.ts';

let server: ChatServer;
beforeAll(async () => {
	server = await startChatServer({ RATE_LIMIT_IP: '0' }, { parallelSlots: 1 });
	await server.trpc.models.load.mutate({ name: 'endless' }); // who waits for the load stands in the line, too
});
afterAll(() => server.stop());

const messages = [{ role: 'user', content: 'Hello' }];
/** A chat with the model `endless`; its head comes at once, whether or not it waits. */
const ask = (body: object, options: { signal?: AbortSignal; token?: string } = {}) => server.post('/v1/chat/completions', { model: 'endless', messages, stream: true, store: false, max_tokens: 3, ...body }, options);
const waiting = (count: number) => untilMetrics(server, (value) => value('queue_depth') === count);
const refusal = async (response: Response) => [response.status, ((await response.json()) as { error: { message: string } }).error.message, Number(response.headers.get('retry-after')) >= 1];

it('one user too many requests, and all together, are refused with the time to come back; the others are told where they stand', async () => {
	const other = await server.user('other');
	for (const [name, value] of Object.entries({ queueLimitPerUser: 1, queueLimit: 2 })) await server.trpc.parameters.set.mutate({ name, value });
	const leave = new AbortController();
	const running = await ask({ max_tokens: 20_000 }, { signal: leave.signal });
	await running.body!.getReader().read();
	const second = ask({});
	await waiting(1);
	expect(await refusal(await ask({}))).toEqual([429, expect.stringMatching(/^You have 1 requests waiting/), true]);
	const third = ask({}, { token: other.token });
	await waiting(2);
	const last = await server.user('last');
	expect(await refusal(await ask({}, { token: last.token }))).toEqual([503, expect.stringMatching(/^2 requests wait for the model "endless"/), true]);
	const responses = [await second, await third];
	leave.abort();
	const told = await Promise.all(responses.map((response) => sseBlocks(response)));
	for (const blocks of told) {
		expect(blocks.some((block) => /^: queued, place [12]/.test(block))).toBe(true);
		expect(blocks.at(-1)).toBe('data: [DONE]');
	}
}, 60_000);

it('a request that may wait lets those of people pass', async () => {
	await server.trpc.parameters.reset.mutate({ names: ['queueLimit', 'queueLimitPerUser'] });
	const leave = new AbortController();
	const running = await ask({ max_tokens: 20_000 }, { signal: leave.signal });
	await running.body!.getReader().read();
	const order: string[] = [];
	const flex = ask({ service_tier: 'flex' }).then(sseBlocks).then(() => order.push('flex'));
	await waiting(1);
	const person = ask({}).then(sseBlocks).then(() => order.push('person'));
	await waiting(2);
	leave.abort();
	await Promise.all([flex, person]);
	expect(order).toEqual(['person', 'flex']);
}, 60_000);
