import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startFakeLmStudio, type FakeLmStudio } from '../../../../tests/support/fake-lm-studio/fake-lm-studio.ts';
import { chatRequestSchema, wholeContext, type ChatEvent, type ChatRequestInput } from '../../contract/chat.ts';
import { pickCandidate, streamBalanced } from './balance.ts';
import type { UpstreamFailure } from './failure.ts';
import { Upstream } from './upstream.ts';

let fake: FakeLmStudio;
let second: FakeLmStudio;
const live: Upstream[] = [];
const forever = new AbortController().signal;
const limits = { firstEventMs: 5000, stallMs: 5000 };

beforeAll(async () => {
	[fake, second] = await Promise.all([startFakeLmStudio({ name: 'one' }), startFakeLmStudio({ name: 'two' })]);
});
afterEach(async () => {
	for (const upstream of live.splice(0)) upstream.stop();
	await Promise.all([fake.set({ reset: true, name: 'one' }), second.set({ reset: true, name: 'two' })]);
});
afterAll(() => Promise.all([fake.stop(), second.stop()]));

async function upstreamOf({ url }: { url: string }, more: { kind?: 'lm-studio' | 'openai-compatible'; apiKey?: string; name?: string } = {}): Promise<Upstream> {
	const upstream = new Upstream({ id: url, name: more.name ?? 'lab', kind: more.kind ?? 'lm-studio', baseUrl: url, apiKey: more.apiKey, enabled: true });
	live.push(upstream);
	await upstream.probe();
	return upstream;
}

const ask = (content: string, more: Partial<ChatRequestInput> = {}) => chatRequestSchema.parse({ model: 'x', messages: [{ role: 'user', content }], ...more });
const candidate = (upstream: Upstream) => ({ upstream, model: upstream.models[0]! });

async function answerOf(upstreams: Upstream[], request = ask('hello'), options: { limits?: typeof limits; signal?: AbortSignal } = {}) {
	const events: ChatEvent[] = [];
	let failure: UpstreamFailure | undefined;
	try {
		for await (const event of streamBalanced(upstreams.map(candidate), request, options.limits ?? limits, options.signal ?? forever)) events.push(event);
	} catch (thrown) {
		failure = thrown as UpstreamFailure;
	}
	return { events, failure, text: events.map((event) => (event.type === 'text' ? event.text : '')).join(''), finish: events.at(-1) };
}

describe('its models are read by the shape of the answer, whatever the status', () => {
	it.each([
		['v1', 'lm-studio', { id: 'cold', loaded: false, contextLength: 32_768, family: 'qwen3' }],
		['v0', 'lm-studio', { id: 'cold', loaded: false, contextLength: 32_768, family: 'qwen3' }],
		['openai', 'lm-studio', { id: 'cold', loaded: null, contextLength: null, family: '' }],
		['v1', 'openai-compatible', { id: 'cold', loaded: null, contextLength: null, family: '' }]
	] as const)('newest list %s, kind %s', async (api, kind, cold) => {
		await fake.set({ api, models: [{ key: 'cold', loaded: false }, { key: 'warm', contextLength: 8192 }] });
		const upstream = await upstreamOf(fake, { kind });
		expect(upstream.health).toBe('up');
		expect(upstream.models[0]).toMatchObject(cold);
		if (cold.loaded !== null) expect(upstream.models[1]).toMatchObject({ id: 'warm', loaded: true, contextLength: 8192 });
		expect((await fake.counts()).chats).toEqual([]);
	});

	it.each(['fail', 'garbage', 'hang'] as const)('a list that does %s means down, with its reason', async (lists) => {
		await fake.set({ lists });
		const upstream = await upstreamOf(fake);
		expect(upstream).toMatchObject({ health: 'down', error: expect.stringContaining('The upstream lab') });
	});

	it('what the server itself says of it is kept apart: the message is for everybody', async () => {
		await fake.set({ lists: 'fail' });
		const upstream = await upstreamOf(fake);
		expect(upstream.error).toBe('The upstream lab answers the question for its models with status 500');
		expect(upstream.said).toBe('Something broke');
	});

	it('a refused key is named, not repeated', async () => {
		await fake.set({ apiKey: 'right' });
		expect(await upstreamOf(fake, { apiKey: 'wrong' })).toMatchObject({ health: 'down', error: expect.stringMatching(/credentials.*API key/) });
		expect((await upstreamOf(fake, { apiKey: 'right' })).health).toBe('up');
	});
});

describe('an answer', () => {
	it('is text, usage as told, and the end', async () => {
		const upstream = await upstreamOf(fake);
		const { text, events, finish } = await answerOf([upstream]);
		expect(text).toBe('one says hello');
		expect(events.find((event) => event.type === 'usage')).toMatchObject({ promptTokens: 1, completionTokens: 3, contextLength: 4096 });
		expect(finish).toEqual({ type: 'finish', reason: 'stop' });
	});

	it('counts nothing where the upstream tells nothing', async () => {
		await fake.set({ usage: false });
		const { events } = await answerOf([await upstreamOf(fake)]);
		expect(events.find((event) => event.type === 'usage')).toMatchObject({ promptTokens: 0, completionTokens: 0, tokensPerSecond: null });
	});

	it.each(['reasoning', 'reasoning_content'] as const)('keeps thoughts in %s apart', async (reasoning) => {
		await fake.set({ reasoning });
		const { events, text } = await answerOf([await upstreamOf(fake)]);
		expect(events.flatMap((event) => (event.type === 'reasoning' ? [event.text] : [])).join('')).toBe('Let me think.');
		expect(text).toBe('one says hello');
	});

	it('calls tools by the id and in the pieces it was given', async () => {
		const tools = [{ type: 'function' as const, function: { name: 'echo' } }];
		const { events, finish } = await answerOf([await upstreamOf(fake)], ask('hi', { tools }));
		const calls = events.filter((event) => event.type === 'toolCall');
		expect(calls[0]).toMatchObject({ index: 0, id: '365174485', name: 'echo' });
		expect(calls.map((call) => call.argumentsDelta).join('')).toBe('{"text":"hi"}');
		expect(finish).toEqual({ type: 'finish', reason: 'tool_calls' });
	});

	it('calls the tool that it is told to, though LM Studio lets nobody name one', async () => {
		const tools = ['first', 'second'].map((name) => ({ type: 'function' as const, function: { name } }));
		const { events } = await answerOf([await upstreamOf(fake)], ask('hi', { tools, tool_choice: { type: 'function', function: { name: 'second' } } }));
		expect(events.find((event) => event.type === 'toolCall')).toMatchObject({ name: 'second' });
		expect((await fake.counts()).chats.at(-1)!.body).toMatchObject({ tool_choice: 'required', tools: [tools[1]] });
	});

	it('carries what the caller asked for, and json_object in the form LM Studio accepts', async () => {
		const request = ask('hi', { temperature: 0.3, max_tokens: wholeContext, stop: ['.'], response_format: { type: 'json_object' }, reasoning: { effort: 'low' }, n_discard: -5 } as never);
		const { failure } = await answerOf([await upstreamOf(fake)], request);
		expect(failure).toBeUndefined();
		const { body } = (await fake.counts()).chats.at(-1)!;
		expect(body).toMatchObject({ model: 'qwen3-4b', temperature: 0.3, stop: ['.'], reasoning: { effort: 'low' }, response_format: { type: 'json_schema', json_schema: { schema: { type: 'object' } } }, stream_options: { include_usage: true } });
		expect(Object.keys(body)).not.toContain('max_tokens');
		expect(Object.keys(body)).not.toContain('n_discard');
	});

	it('of a model that is not loaded: one request loads it, the others wait for that one', async () => {
		await fake.set({ models: [{ key: 'cold', loaded: false }], loadMs: 200 });
		const upstream = await upstreamOf(fake);
		const answers = await Promise.all([1, 2, 3, 4].map((n) => answerOf([upstream], ask(`number ${n}`))));
		expect(answers.map((answer) => answer.text)).toEqual([1, 2, 3, 4].map((n) => `one says number ${n}`));
		expect(answers[0]!.events[0]).toEqual({ type: 'progress', phase: 'loading', fraction: 0 });
		expect((await fake.counts()).instances).toEqual({ cold: 1 });
	});
});

describe('a failure', () => {
	it.each([
		['refuse-400', 'VALIDATION_ERROR', 'not to our taste'],
		['busy-429', 'QUEUE_FULL', 'busy'],
		['fail-500', 'UPSTREAM_UNAVAILABLE', 'Something broke'],
		['empty', 'UPSTREAM_UNAVAILABLE', 'without a word']
	] as const)('%s before the first event is %s', async (fault, code, words) => {
		await fake.set({ fault });
		const { failure, events } = await answerOf([await upstreamOf(fake)]);
		expect(failure).toMatchObject({ code, message: expect.stringContaining(words) });
		expect(events).toEqual([]);
	});

	it('keeps the wait that a busy upstream asks for', async () => {
		await fake.set({ fault: 'busy-429' });
		expect((await answerOf([await upstreamOf(fake)])).failure?.retryAfterSeconds).toBe(7);
	});

	it('a stream of nothing for a prompt beyond the context says so, with the numbers', async () => {
		await fake.set({ models: [{ key: 'small', contextLength: 16 }] });
		const { failure } = await answerOf([await upstreamOf(fake)], ask('word '.repeat(100)));
		expect(failure).toMatchObject({ code: 'CONTEXT_LENGTH_EXCEEDED', message: expect.stringMatching(/125 tokens.* 16 /) });
	});

	it.each([
		['cut', 'UPSTREAM_UNAVAILABLE'],
		['error-frame', 'UPSTREAM_UNAVAILABLE'],
		['garbage', 'UPSTREAM_UNAVAILABLE'],
		['flood', 'UPSTREAM_UNAVAILABLE'],
		['stall', 'TIMEOUT']
	] as const)('%s in mid-stream keeps what came and is %s', async (fault, code) => {
		await fake.set({ fault, after: 2 });
		const { failure, text } = await answerOf([await upstreamOf(fake)], ask('hello'), { limits: { firstEventMs: 5000, stallMs: 300 } });
		expect(text).toBe('one says ');
		expect(failure).toMatchObject({ code });
	});

	it('of an upstream that never begins is a time-out', async () => {
		await fake.set({ fault: 'hang' });
		const { failure } = await answerOf([await upstreamOf(fake)], ask('hello'), { limits: { firstEventMs: 300, stallMs: 300 } });
		expect(failure).toMatchObject({ code: 'TIMEOUT' });
	});

	it('an error as an object reads like one as a string', async () => {
		await fake.set({ fault: 'refuse-400', errors: 'object' });
		expect((await answerOf([await upstreamOf(fake)])).failure?.message).toContain('not to our taste');
	});
});

it('a socket that had gone stale is no failure: the request goes out again on a new one', async () => {
	const upstream = await upstreamOf(fake); // leaves a socket behind
	await fake.set({ dropsReused: true });
	expect((await answerOf([upstream])).text).toBe('one says hello');
	expect(upstream.breaker.state).toBe('closed');
});

describe('cancelling', () => {
	it.each(['before the first event', 'in mid-stream'] as const)('%s closes the upstream’s socket at once', async (when) => {
		await fake.set(when === 'in mid-stream' ? { tokenMs: 20, reply: Array.from({ length: 200 }, (_, i) => `${i} `) } : { fault: 'hang' });
		const upstream = await upstreamOf(fake);
		const before = (await fake.counts()).abortedSockets;
		const controller = new AbortController();
		setTimeout(() => controller.abort(), 200);
		await answerOf([upstream], ask('hello'), { signal: controller.signal });
		const cancelledAt = performance.now();
		while ((await fake.counts()).abortedSockets === before) expect(performance.now() - cancelledAt).toBeLessThan(1000);
		expect((await fake.counts()).active).toBe(0);
		expect(upstream).toMatchObject({ active: 0, breaker: { state: 'closed' } });
	});
});

describe('twins', () => {
	it.each(['cut', 'fail-500', 'busy-429', 'empty'] as const)('%s before the first event moves the request to the other, once', async (fault) => {
		await fake.set({ fault, after: 0 });
		const [one, two] = [await upstreamOf(fake), await upstreamOf(second)];
		one.latencyMs = 0; // is asked first
		const before = (await second.counts()).chats.length;
		const { text, failure } = await answerOf([one, two]);
		expect([text, failure]).toEqual(['two says hello', undefined]);
		expect((await second.counts()).chats).toHaveLength(before + 1);
	});

	it('a refusal of the request itself is not tried elsewhere', async () => {
		await fake.set({ fault: 'refuse-400' });
		const [one, two] = [await upstreamOf(fake), await upstreamOf(second)];
		one.latencyMs = 0;
		const before = (await second.counts()).chats.length;
		expect((await answerOf([one, two])).failure?.code).toBe('VALIDATION_ERROR');
		expect((await second.counts()).chats).toHaveLength(before);
	});

	it('after the first event nobody else goes on: the answer breaks off', async () => {
		await fake.set({ fault: 'cut', after: 2 });
		const [one, two] = [await upstreamOf(fake), await upstreamOf(second)];
		one.latencyMs = 0;
		const before = (await second.counts()).chats.length;
		const { text, failure } = await answerOf([one, two]);
		expect([text, failure?.code]).toEqual(['one says ', 'UPSTREAM_UNAVAILABLE']);
		expect((await second.counts()).chats).toHaveLength(before);
	});

	it('a request that waits at a server found dead goes to the other', async () => {
		await fake.set({ fault: 'hang' });
		const [one, two] = [await upstreamOf(fake), await upstreamOf(second)];
		one.latencyMs = 0;
		const answer = answerOf([one, two]);
		while ((await fake.counts()).active === 0);
		await fake.set({ lists: 'fail' });
		await one.probe();
		expect((await answer).text).toBe('two says hello');
	});

	it('the less busy one is asked, and one that need not load before one that must', async () => {
		await second.set({ models: [{ key: 'qwen3-4b', loaded: false }], name: 'two' });
		const [one, two] = [await upstreamOf(fake), await upstreamOf(second)];
		const pick = () => pickCandidate([candidate(one), candidate(two)], new Set())?.upstream;
		one.active = 5;
		expect(pick()).toBe(one);
		two.models[0]!.loaded = true;
		expect(pick()).toBe(two);
	});

	it('one that failed three times running rests, and its requests go to the other without a try', async () => {
		await fake.set({ fault: 'cut', after: 0 });
		const [one, two] = [await upstreamOf(fake), await upstreamOf(second)];
		for (let i = 0; i < 3; i++) one.breaker.failed();
		const before = (await fake.counts()).chats.length;
		one.latencyMs = 0;
		expect((await answerOf([one, two])).text).toBe('two says hello');
		expect((await fake.counts()).chats).toHaveLength(before);
		expect((await answerOf([one])).failure).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', retryAfterSeconds: 5 });
	});
});
