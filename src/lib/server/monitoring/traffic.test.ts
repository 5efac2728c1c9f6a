import { afterEach, describe, expect, it } from 'vitest';
import { events } from '../events.ts';
import { movingMedian } from './moving.ts';
import { trafficMeter } from './traffic.ts';

let now = 0;
let meter: ReturnType<typeof trafficMeter> | undefined;
const open = () => (meter = trafficMeter(() => now));
afterEach(() => meter?.stop());

function request(path: string, { method = 'GET', status = 200, durationMs = 10 } = {}): void {
	events.emit('request:started', { path });
	events.emit('request:done', { method, endpoint: path, path, status, durationMs, ip: '', requestId: '', user: null });
}
const token = (model: string, sinceStartMs: number, sinceLastMs: number | null) => events.emit('answer:token', { model, sinceStartMs, sinceLastMs });

describe('traffic', () => {
	it('counts requests to /api and /v1, and no others', () => {
		const traffic = open();
		for (const path of ['/api/models', '/v1/models', '/api', '/trpc/models.list', '/health/live', '/metrics', '/apiary', '/']) request(path);
		expect(traffic.lately()).toMatchObject({ totalRequests: 3, requestsPerMinute: 3, errorsPerMinute: 0 });
		expect(traffic.since()).toMatchObject({ requests: 3, errors: 0 });
		expect(traffic.since()).toMatchObject({ requests: 0 });
		expect(traffic.lately().totalRequests).toBe(3);
	});

	it('counts a request when it comes, an error when it is known', () => {
		const traffic = open();
		events.emit('request:started', { path: '/api/chat' });
		expect(traffic.lately().totalRequests).toBe(1);
		request('/api/none', { status: 404 });
		expect(traffic.lately()).toMatchObject({ totalRequests: 2, errorsPerMinute: 1 });
	});

	it('forgets what is older than a minute', () => {
		const traffic = open();
		request('/api/models', { durationMs: 900 });
		now += 59_000;
		request('/api/models', { durationMs: 10 });
		expect(traffic.lately()).toMatchObject({ requestsPerMinute: 2, responseMs: 10 });
		now += 2000;
		expect(traffic.lately()).toMatchObject({ requestsPerMinute: 1, responseMs: 10 });
		now += 60_000;
		expect(traffic.lately()).toMatchObject({ requestsPerMinute: 0, responseMs: null, firstTokenMs: null, totalRequests: 2 });
	});

	it('keeps answers out of the response times', () => {
		const traffic = open();
		request('/api/chat', { method: 'POST', durationMs: 60_000 });
		request('/v1/chat/completions', { method: 'POST', durationMs: 60_000 });
		expect(traffic.lately().responseMs).toBeNull();
		request('/v1/models', { durationMs: 4 });
		expect(traffic.lately().responseMs).toBe(4);
	});

	it('tells tokens per second, by model too, and the median of the first ones', () => {
		const traffic = open();
		for (const [at, first] of [100, 300, 200].entries()) token(at ? 'a' : 'b', first, null);
		for (let i = 0; i < 7; i++) token('a', 400, 20);
		now += 2000;
		const counted = traffic.since();
		expect(counted.tokensPerSecond).toBe(5);
		expect(Object.fromEntries(counted.byModel)).toEqual({ a: 4.5, b: 0.5 });
		expect(traffic.lately().firstTokenMs).toBe(200);
		now += 2000;
		expect(traffic.since().tokensPerSecond).toBe(0);
	});

	it('stays small under a flood', () => {
		const median = movingMedian(60_000, 100);
		for (let i = 0; i < 100_000; i++) median.add(i, i / 1000);
		expect(median.read(100)).toBe(99_949);
	});
});
