import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openChatSocket } from '../../support/chat-frames.ts';
import { startChatServer, type ChatServer } from '../../support/chat-server.ts';
import { readMetrics, untilMetrics } from '../../support/metrics.ts';
import { startServer } from '../../support/start-server.ts';

let server: ChatServer;
beforeAll(async () => void (server = await startChatServer()));
afterAll(() => server.stop());

const text = async () => (await fetch(`${server.url}/metrics`)).text();

describe('/metrics', () => {
	it('is Prometheus’ text format and needs no credentials', async () => {
		const response = await fetch(`${server.url}/metrics`);
		expect([response.status, response.headers.get('content-type')]).toEqual([200, expect.stringMatching(/^text\/plain; version=0\.0\.4/)]);
		for (const line of (await response.text()).split('\n')) expect(line).toMatch(/^(#.*|[a-z_:][\w:]*(\{(\w+="[^"]*",?)+\})? \S+|)$/i);
	});

	it('has document B’s two series exactly as written', async () => {
		for (let i = 0; i < 3; i++) await server.admin.fetch('/api/models');
		const lines = (await text()).split('\n');
		expect(lines).toContain('# HELP http_requests_total Total number of HTTP requests');
		expect(lines).toContain('# TYPE http_requests_total counter');
		expect(lines).toContain('http_requests_total{method="GET",endpoint="/api/models"} 3');
		expect(lines).toContain('# HELP active_streams Current number of active chat streams');
		expect(lines).toContain('# TYPE active_streams gauge');
		expect(lines).toContain('active_streams 0');
	});

	it('declares every series of the contract from the start', async () => {
		const fresh = await startServer();
		const declared = (await (await fetch(`${fresh.url}/metrics`)).text()).split('\n');
		await fresh.stop();
		const types = {
			histogram: ['http_request_duration_seconds', 'time_to_first_token_seconds', 'inter_token_latency_seconds', 'queue_wait_seconds'],
			counter: ['http_requests_total', 'http_request_errors_total', 'tokens_prompt_total', 'tokens_generated_total', 'tokens_cached_total', 'model_loads_total', 'model_evictions_total', 'generation_cancellations_total', 'engine_crashes_total', 'process_cpu_seconds_total'],
			gauge: ['active_streams', 'websocket_connections', 'queue_depth', 'process_resident_memory_bytes']
		};
		for (const [type, names] of Object.entries(types)) for (const name of names) expect(declared).toContain(`# TYPE ${name} ${type}`);
		for (const phase of ['queued', 'loading', 'prompt', 'decoding']) expect(declared).toContain(`generation_cancellations_total{phase="${phase}"} 0`);
		for (const zero of ['tokens_generated_total 0', 'model_loads_total 0', 'queue_depth 0', 'time_to_first_token_seconds_count 0']) expect(declared).toContain(zero);
	});

	it('has every series that the Grafana dashboard shows', async () => {
		const { panels } = JSON.parse(readFileSync(join(import.meta.dirname, '../../../static/grafana.json'), 'utf8')) as { panels: { targets?: { expr: string }[] }[] };
		const shown = panels.flatMap(({ targets = [] }) => targets.flatMap(({ expr }) => [...expr.matchAll(/([a-z]\w+)\{/g)].map((match) => match[1]!)));
		const declared = new Set([...(await text()).matchAll(/^# TYPE (\w+)/gm)].map((match) => match[1]!));
		expect(shown.length).toBeGreaterThan(20);
		expect(shown.filter((name) => !declared.has(name.replace(/_(bucket|count|sum)$/, '')))).toEqual([]);
	});

	it('labels endpoints by their pattern, never by what a caller made up', async () => {
		const endpoints = async () => new Set([...(await text()).matchAll(/endpoint="([^"]*)"/g)].map((match) => match[1]));
		await server.admin.fetch('/api/conversations/made-up');
		expect(await endpoints()).toContain('/api/conversations/{id}');
		const before = await endpoints();
		for (let i = 0; i < 30; i++) for (const path of [`/api/made-up-${i}`, `/api/conversations/x${i}`, `/api/parameters/category/y${i}`, `/api/a/b/c${i}`]) await server.admin.fetch(path);
		expect((await endpoints()).size).toBeLessThanOrEqual(before.size + 3);
		expect(await text()).not.toContain('made-up');
	});

	it('counts errors by endpoint and status', async () => {
		const series = 'http_request_errors_total{method="POST",endpoint="/api/chat",status="404"}';
		const before = (await readMetrics(server))(series);
		await server.post('/api/chat', { model: 'nobody', messages: [{ role: 'user', content: 'x' }] });
		await untilMetrics(server, (value) => value(series) === before + 1);
	});

	it('counts an answer’s tokens, times, load and place', async () => {
		const before = await readMetrics(server);
		const response = await server.post('/api/chat', { model: 'scripted', messages: [{ role: 'user', content: 'Hello' }], temperature: 0, stream: false });
		const { usage } = (await response.json()) as { usage: { prompt_tokens: number; completion_tokens: number } };
		await untilMetrics(server, (value) => value('http_requests_total{method="POST",endpoint="/api/chat"}') > before('http_requests_total{method="POST",endpoint="/api/chat"}'));
		const after = await readMetrics(server);
		const grown = (series: string) => after(series) - before(series);
		expect(grown('tokens_prompt_total')).toBe(usage.prompt_tokens);
		expect(grown('tokens_generated_total')).toBe(usage.completion_tokens);
		expect(grown('model_loads_total')).toBe(1);
		expect(grown('time_to_first_token_seconds_count')).toBe(1);
		expect(grown('queue_wait_seconds_count')).toBe(1);
		expect(grown('queue_wait_seconds_sum')).toBeGreaterThan(0);
		expect(grown('inter_token_latency_seconds_count')).toBeGreaterThan(5);
		expect(grown('gen_ai_client_token_usage_total{gen_ai_request_model="scripted",gen_ai_token_type="output"}')).toBe(usage.completion_tokens);
		expect(after('models_loaded')).toBe(1);
	});

	it('shows what is open now: streams and sockets', async () => {
		const chat = await openChatSocket(server.url, { authorization: `Bearer ${server.admin.token}` });
		chat.send({ model: 'endless', messages: [{ role: 'user', content: 'x' }], max_tokens: 30_000, store: false });
		await chat.next();
		await untilMetrics(server, (value) => value('active_streams') === 1 && value('websocket_connections') === 1 && value('slots_busy') === 1);
		chat.socket.terminate();
		await untilMetrics(server, (value) => value('active_streams') === 0 && value('websocket_connections') === 0 && value('slots_busy') === 0);
	});

	it('a stream’s duration reaches to its end', async () => {
		const series = 'http_request_duration_seconds_sum{method="POST",endpoint="/api/chat"}';
		const before = (await readMetrics(server))(series);
		const startedAt = performance.now();
		const response = await server.post('/api/chat', { model: 'endless', messages: [{ role: 'user', content: 'x' }], max_tokens: 1000, store: false });
		const headAfter = (performance.now() - startedAt) / 1000;
		await response.text();
		const endAfter = (performance.now() - startedAt) / 1000;
		await untilMetrics(server, (value) => value(series) > before);
		const counted = (await readMetrics(server))(series) - before;
		expect(counted).toBeGreaterThan((headAfter + endAfter) / 2);
	});
});

it('METRICS_TOKEN is wanted as a Bearer, and nothing else opens', async () => {
	const guarded = await startServer({ METRICS_TOKEN: 'a token for the scraper' });
	const status = async (headers: Record<string, string>) => (await fetch(`${guarded.url}/metrics`, { headers })).status;
	try {
		expect(await status({})).toBe(401);
		expect(await status({ authorization: 'Bearer wrong' })).toBe(401);
		expect(await status({ authorization: 'Bearer a token for the scraper' })).toBe(200);
	} finally {
		await guarded.stop();
	}
});
