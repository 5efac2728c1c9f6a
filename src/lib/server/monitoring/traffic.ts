import { events } from '../events.ts';
import { movingCount, movingMedian } from './moving.ts';

const minuteMs = 60_000;
const stepMs = 1000;

/** Answers take as long as they are: they would drown the response times of everything else. */
const isGeneration = (method: string, endpoint: string) => method !== 'GET' && (endpoint === '/api/chat' || endpoint.startsWith('/v1/'));
const isCounted = (path: string) => /^\/(api|v1)(\/|$)/.test(path);

/** What came since the last reading. */
type Since = { requests: number; errors: number; promptTokens: number; completionTokens: number; tokensPerSecond: number; /** tokens per second */ byModel: Map<string, number> };

/** The last minute, and the total since the start. */
type Lately = { totalRequests: number; requestsPerMinute: number; errorsPerMinute: number; responseMs: number | null; firstTokenMs: number | null };

/**
 * Counts what the bus tells of requests and answers, in constant memory. `stop` ends it.
 * @param now milliseconds, rising
 */
export function trafficMeter(now: () => number = () => performance.now()) {
	const requests = movingCount(minuteMs, stepMs);
	const errors = movingCount(minuteMs, stepMs);
	const responses = movingMedian(minuteMs);
	const firstTokens = movingMedian(minuteMs);
	let totalRequests = 0;
	let readAt = now();
	const none = () => ({ requests: 0, errors: 0, promptTokens: 0, completionTokens: 0, tokens: new Map<string, number>() });
	let since = none();

	const stops = [
		events.on('request:started', ({ path }) => {
			if (!isCounted(path)) return;
			totalRequests += 1;
			since.requests += 1;
			requests.add(now());
		}),
		events.on('request:done', ({ path, method, endpoint, status, durationMs }) => {
			if (!isCounted(path)) return;
			if (!isGeneration(method, endpoint)) responses.add(durationMs, now());
			if (status < 400) return;
			since.errors += 1;
			errors.add(now());
		}),
		events.on('answer:token', ({ model, sinceStartMs, sinceLastMs }) => {
			since.tokens.set(model, (since.tokens.get(model) ?? 0) + 1);
			if (sinceLastMs === null) firstTokens.add(sinceStartMs, now());
		}),
		events.on('answer:done', ({ promptTokens, completionTokens }) => {
			since.promptTokens += promptTokens;
			since.completionTokens += completionTokens;
		})
	];

	return {
		/** Starts counting anew for the next reading. */
		since(): Since {
			const { tokens, ...counts } = since;
			const seconds = Math.max(0.001, (now() - readAt) / 1000);
			readAt = now();
			since = none();
			const byModel = new Map([...tokens].map(([model, count]) => [model, count / seconds]));
			return { ...counts, byModel, tokensPerSecond: [...byModel.values()].reduce((sum, rate) => sum + rate, 0) };
		},
		lately: (): Lately => ({
			totalRequests,
			requestsPerMinute: requests.read(now()),
			errorsPerMinute: errors.read(now()),
			responseMs: responses.read(now()),
			firstTokenMs: firstTokens.read(now())
		}),
		stop(): void {
			for (const stop of stops) stop();
		}
	};
}
