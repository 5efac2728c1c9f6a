import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { singleton } from '../singleton.ts';

/** Seconds. Short answers and small models as well as minutes of waiting must be told apart. */
const buckets = {
	request: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300],
	firstToken: [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2, 3, 5, 10, 20, 40, 80, 160],
	betweenTokens: [0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2.5],
	wait: [0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300]
};

const phases = ['queued', 'loading', 'prompt', 'decoding'] as const;

/** States of conversations beside slots. */
type Kept = { states: number; bytes: number };

/** What is asked for when somebody looks, since nobody announces it. */
export type MetricSources = {
	webSockets: () => number;
	/** that run now, and bytes that have come since the start */
	downloads: () => { running: number; bytes: number };
	models: () => { model: string; queued: number; slotsBusy: number; kvUsed: number; kvTotal: number; lastBatch: number; loaded: boolean; kept?: Kept | undefined }[];
	keptOnDisk: () => Promise<Kept>;
};

function makeInstruments() {
	const registry = new Registry();
	collectDefaultMetrics({ register: registry });
	const registers = [registry];
	const http = ['method', 'endpoint'] as const;
	const model = ['gen_ai_request_model'] as const;
	const sources: MetricSources = { webSockets: () => 0, downloads: () => ({ running: 0, bytes: 0 }), models: () => [], keptOnDisk: async () => ({ states: 0, bytes: 0 }) };
	const sum = (of: (state: ReturnType<MetricSources['models']>[number]) => number) => sources.models().reduce((total, state) => total + of(state), 0);
	const instruments = {
		registry,
		sources,
		// Document B's two, exactly.
		requests: new Counter({ registers, name: 'http_requests_total', help: 'Total number of HTTP requests', labelNames: http }),
		activeStreams: new Gauge({ registers, name: 'active_streams', help: 'Current number of active chat streams' }),
		// The contract's others.
		requestSeconds: new Histogram({ registers, name: 'http_request_duration_seconds', help: 'Time from a request to the end of its response', labelNames: http, buckets: buckets.request }),
		requestErrors: new Counter({ registers, name: 'http_request_errors_total', help: 'Requests answered with a status of 400 or more', labelNames: [...http, 'status'] as const }),
		webSockets: new Gauge({ registers, name: 'websocket_connections', help: 'Open WebSocket connections', collect() { this.set(sources.webSockets()); } }),
		firstTokenSeconds: new Histogram({ registers, name: 'time_to_first_token_seconds', help: 'Time from a chat request to the first piece of its answer, waiting included', buckets: buckets.firstToken }),
		betweenTokensSeconds: new Histogram({ registers, name: 'inter_token_latency_seconds', help: 'Time between two pieces of an answer', buckets: buckets.betweenTokens }),
		queueDepth: new Gauge({ registers, name: 'queue_depth', help: 'Requests waiting for a slot of a local model', collect() { this.set(sum(({ queued }) => queued)); } }),
		queueWaitSeconds: new Histogram({ registers, name: 'queue_wait_seconds', help: 'Time a request waited for a slot of a local model, loading included', buckets: buckets.wait }),
		promptTokens: new Counter({ registers, name: 'tokens_prompt_total', help: 'Tokens of all prompts, cached ones included' }),
		generatedTokens: new Counter({ registers, name: 'tokens_generated_total', help: 'Tokens generated' }),
		cachedTokens: new Counter({ registers, name: 'tokens_cached_total', help: 'Prompt tokens that were found in a KV cache' }),
		loads: new Counter({ registers, name: 'model_loads_total', help: 'Local models loaded' }),
		evictions: new Counter({ registers, name: 'model_evictions_total', help: 'Local models unloaded to make room for another' }),
		cancellations: new Counter({ registers, name: 'generation_cancellations_total', help: 'Answers cancelled, by where they were', labelNames: ['phase'] as const }),
		crashes: new Counter({ registers, name: 'engine_crashes_total', help: 'Engine processes that ended by themselves' }),
		// By model, named after OpenTelemetry's conventions for generative AI.
		modelSeconds: new Histogram({ registers, name: 'gen_ai_server_request_duration_seconds', help: 'Time of an answer from its request to its end', labelNames: [...model, 'finish'] as const, buckets: buckets.request }),
		modelFirstToken: new Histogram({ registers, name: 'gen_ai_server_time_to_first_token_seconds', help: 'Time to the first token of an answer', labelNames: model, buckets: buckets.firstToken }),
		modelPerToken: new Histogram({ registers, name: 'gen_ai_server_time_per_output_token_seconds', help: 'Time per token after the first of an answer', labelNames: model, buckets: buckets.betweenTokens }),
		modelTokens: new Counter({ registers, name: 'gen_ai_client_token_usage_total', help: 'Tokens by model and type', labelNames: [...model, 'gen_ai_token_type'] as const }),
		downloads: new Gauge({ registers, name: 'downloads_in_progress', help: 'Model downloads that run now', collect() { this.set(sources.downloads().running); } }),
		downloadedBytes: new Gauge({ registers, name: 'downloads_received_bytes', help: 'Bytes of models downloaded since the start', collect() { this.set(sources.downloads().bytes); } }),
		modelsLoaded: new Gauge({ registers, name: 'models_loaded', help: 'Local models that are loaded', collect() { this.set(sum(({ loaded }) => Number(loaded))); } }),
		slotsBusy: new Gauge({ registers, name: 'slots_busy', help: 'Slots of local models that answer now', collect() { this.set(sum(({ slotsBusy }) => slotsBusy)); } }),
		batchTokens: new Gauge({ registers, name: 'decode_batch_tokens', help: 'Tokens in the last decode batches of local models, when their engines last told', collect() { this.set(sum(({ lastBatch }) => lastBatch)); } }),
		keptStates: new Gauge({
			registers, name: 'kv_states_kept', help: 'Conversations whose KV state is kept beside the slots, in memory and on disk', labelNames: ['where'] as const,
			async collect() {
				this.set({ where: 'memory' }, sum(({ kept }) => kept?.states ?? 0));
				this.set({ where: 'disk' }, (await sources.keptOnDisk()).states);
			}
		}),
		keptStateBytes: new Gauge({
			registers, name: 'kv_states_bytes', help: 'Bytes that they take', labelNames: ['where'] as const,
			async collect() {
				this.set({ where: 'memory' }, sum(({ kept }) => kept?.bytes ?? 0));
				this.set({ where: 'disk' }, (await sources.keptOnDisk()).bytes);
			}
		}),
		cacheUsage: new Gauge({
			registers, name: 'kv_cache_usage_ratio', help: 'Part of all KV caches in use, 0 to 1',
			collect() { this.set(sum(({ kvUsed }) => kvUsed) / Math.max(1, sum(({ kvTotal }) => kvTotal))); }
		})
	};
	for (const phase of phases) instruments.cancellations.inc({ phase }, 0);
	return instruments;
}

/** Every metric there is, declared once: a dev reload evaluates this again, and a name can be registered only once. */
export const instruments = () => singleton('metrics', makeInstruments);
