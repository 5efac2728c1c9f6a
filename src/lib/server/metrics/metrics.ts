import { events, type Events } from '../events.ts';
import { instruments, type MetricSources } from './instruments.ts';

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'WS']);
const maxModels = 200;

const stops: (() => void)[] = [];

/** Names come from files and foreign servers: beyond the first two hundred all are one. */
function boundedNames(): (name: string) => string {
	const known = new Set<string>();
	return (name) => (known.has(name) || (known.size < maxModels && known.add(name)) ? name : 'other');
}

/** Counts what the bus tells. @param sources what is asked for at each look */
export function openMetrics(sources: MetricSources): void {
	const m = instruments();
	const nameOf = boundedNames();
	Object.assign(m.sources, sources);

	// 499: the client left before it was answered, which is no error of anybody's.
	function countRequest({ method: given, endpoint, status, durationMs }: Events['request:done']): void {
		const method = methods.has(given) ? given : 'OTHER';
		m.requests.inc({ method, endpoint });
		m.requestSeconds.observe({ method, endpoint }, durationMs / 1000);
		if (status >= 400 && status !== 499) m.requestErrors.inc({ method, endpoint, status });
	}

	function countAnswer(answer: Events['answer:done']): void {
		const gen_ai_request_model = nameOf(answer.model);
		m.activeStreams.dec();
		m.promptTokens.inc(answer.promptTokens);
		m.generatedTokens.inc(answer.completionTokens);
		m.cachedTokens.inc(answer.cachedTokens);
		m.modelTokens.inc({ gen_ai_request_model, gen_ai_token_type: 'input' }, answer.promptTokens);
		m.modelTokens.inc({ gen_ai_request_model, gen_ai_token_type: 'output' }, answer.completionTokens);
		m.modelSeconds.observe({ gen_ai_request_model, finish: answer.finish }, answer.durationMs / 1000);
		if (answer.timeToFirstTokenMs !== null) m.modelFirstToken.observe({ gen_ai_request_model }, answer.timeToFirstTokenMs / 1000);
		if (answer.tokensPerSecond) m.modelPerToken.observe({ gen_ai_request_model }, 1 / answer.tokensPerSecond);
		if (answer.finish === 'cancelled') m.cancellations.inc({ phase: answer.phase });
	}

	function countPool({ type, waitedMs }: Events['pool:event']): void {
		if (type === 'granted') m.queueWaitSeconds.observe((waitedMs ?? 0) / 1000);
		else if (type === 'loadFinished') m.loads.inc();
		else if (type === 'evicted') m.evictions.inc();
		else if (type === 'crashed') m.crashes.inc();
	}

	stops.push(
		events.on('request:done', countRequest),
		events.on('answer:started', () => m.activeStreams.inc()),
		events.on('answer:token', ({ sinceStartMs, sinceLastMs }) => (sinceLastMs === null ? m.firstTokenSeconds.observe(sinceStartMs / 1000) : m.betweenTokensSeconds.observe(sinceLastMs / 1000))),
		events.on('answer:done', countAnswer),
		events.on('pool:event', countPool)
	);
}

export function closeMetrics(): void {
	for (const stop of stops.splice(0)) stop();
}

/** Everything in Prometheus' text format, with its media type. */
export async function metricsText(): Promise<{ contentType: string; text: string }> {
	const { registry } = instruments();
	return { contentType: registry.contentType, text: await registry.metrics() };
}
