import { logLevels } from '../env.ts';

/** One parameter: its bounds, and what it means. */
export type Parameter = {
	type: 'number' | 'integer' | 'boolean' | 'string' | 'strings';
	default: unknown;
	description: string;
	min?: number;
	max?: number;
	step?: number;
	unit?: string;
	options?: readonly string[];
	/** null is a value: "decide by itself" */
	nullable?: boolean;
	/** may differ from model to model */
	perModel: boolean;
};

export type Category = 'model' | 'system' | 'performance';

/**
 * Every parameter that can be set. Names are unique over the categories. `model`: what an answer is made with, where the
 * request doesn't say; `system`: limits of the server; `performance`: how a model is opened.
 */
export const catalogue = {
	model: {
		temperature: { type: 'number', default: 0.7, min: 0, max: 2, step: 0.05, description: 'Controls randomness in generation', perModel: true },
		// A's example ends at 4096; models of today answer longer, and the context bounds an answer in any case.
		maxTokens: { type: 'integer', default: 2048, min: 1, max: 131_072, step: 1, unit: 'tokens', description: 'Maximum tokens to generate', perModel: true },
		topP: { type: 'number', default: 0.95, min: 0, max: 1, step: 0.01, description: 'Keeps the most likely tokens whose probabilities add up to this', perModel: true },
		topK: { type: 'integer', default: 40, min: 0, max: 1000, step: 1, description: 'Keeps this many most likely tokens; 0 keeps all', perModel: true },
		minP: { type: 'number', default: 0.05, min: 0, max: 1, step: 0.01, description: 'Drops tokens less likely than this share of the most likely one', perModel: true },
		repeatPenalty: { type: 'number', default: 1, min: 0.5, max: 2, step: 0.05, description: 'Makes recently used tokens less likely; 1 is off', perModel: true },
		presencePenalty: { type: 'number', default: 0, min: -2, max: 2, step: 0.1, description: 'Makes tokens that occurred less likely', perModel: true },
		frequencyPenalty: { type: 'number', default: 0, min: -2, max: 2, step: 0.1, description: 'Makes tokens less likely each time they occur', perModel: true },
		seed: { type: 'integer', default: null, min: 0, max: 4_294_967_294, step: 1, nullable: true, description: 'Fixes the random numbers, so that the same request gives the same answer; null draws one each time', perModel: true },
		stop: { type: 'strings', default: [], description: 'Texts that end an answer', perModel: true }
	},
	system: {
		loadTimeout: { type: 'integer', default: 300, min: 5, max: 3600, step: 1, unit: 's', description: 'How long a model may take to load', perModel: true },
		progressTimeout: { type: 'integer', default: 30, min: 5, max: 600, step: 1, unit: 's', description: 'How long a generation may go without a token', perModel: true },
		queueLimit: { type: 'integer', default: 256, min: 1, max: 10_000, step: 1, unit: 'requests', description: 'Requests that may wait for one model; further ones are refused', perModel: false },
		queueLimitPerUser: { type: 'integer', default: 64, min: 1, max: 10_000, step: 1, unit: 'requests', description: 'Requests of one user that may wait for one model', perModel: false },
		memoryReserve: { type: 'integer', default: null, min: 0, max: 1_048_576, step: 64, unit: 'MiB', nullable: true, description: 'Memory that models leave free; null is 5 % of the machine, at least 256 MiB', perModel: false },
		promptCacheDisk: { type: 'integer', default: 2048, min: 0, max: 1_048_576, step: 64, unit: 'MiB', description: 'Disk for conversations of unloaded models, so that they need not be read again; 0 keeps none', perModel: false },
		statusInterval: { type: 'integer', default: 2, min: 1, max: 60, step: 1, unit: 's', description: 'Time between two status messages of the live socket', perModel: false },
		sampleRetention: { type: 'integer', default: 30, min: 1, max: 30, step: 1, unit: 'days', description: 'How long monitoring samples are kept', perModel: false },
		logRetention: { type: 'integer', default: 90, min: 1, max: 3650, step: 1, unit: 'days', description: 'How long log files are kept that are no longer written to', perModel: false },
		auditRetention: { type: 'integer', default: 365, min: 1, max: 3650, step: 1, unit: 'days', description: 'How long the audit trail is kept', perModel: false },
		logLevel: { type: 'string', default: 'info', options: logLevels, description: 'The least important lines that are logged', perModel: false }
	},
	performance: {
		contextLength: { type: 'integer', default: 4096, min: 128, max: 1_048_576, step: 128, unit: 'tokens', description: 'Tokens one conversation can hold; at most what the model was trained for', perModel: true },
		parallelSlots: { type: 'integer', default: 4, min: 1, max: 64, step: 1, unit: 'answers', description: 'Answers one model generates at once', perModel: true },
		batchSize: { type: 'integer', default: 512, min: 32, max: 2048, step: 32, unit: 'tokens', description: 'Tokens per decode batch: larger reads prompts faster, smaller delays running answers less', perModel: true },
		threads: { type: 'integer', default: null, min: 1, max: 256, step: 1, nullable: true, description: 'CPU threads of a model; null uses the cores available, and one for a model below 100 million parameters', perModel: true },
		gpuLayers: { type: 'integer', default: null, min: 0, max: 1024, step: 1, unit: 'layers', nullable: true, description: 'Layers kept on the GPU; null puts all there when there is one', perModel: true },
		flashAttention: { type: 'boolean', default: true, description: 'A faster attention, half again as fast with long prompts; always on with a quantised KV cache, which needs it', perModel: true },
		kvCacheType: { type: 'string', default: 'f16', options: ['f16', 'q8_0', 'q4_0', 'f32'], description: 'Element type of the KV cache', perModel: true },
		promptCacheMemory: { type: 'integer', default: 256, min: 0, max: 1_048_576, step: 64, unit: 'MiB', description: 'Memory of a model for conversations that gave up their slot; 0 keeps none', perModel: true },
		idleUnload: { type: 'integer', default: 600, min: 0, max: 86_400, step: 1, unit: 's', description: 'A model unused this long is unloaded; 0 keeps it', perModel: true },
		preload: { type: 'boolean', default: false, description: 'Load the model when the server starts', perModel: true }
	}
} as const satisfies Record<Category, Record<string, Parameter>>;

type Entries = (typeof catalogue)['model'] & (typeof catalogue)['system'] & (typeof catalogue)['performance'];
export type ParameterName = keyof Entries;

type Value<P> = P extends { type: 'number' | 'integer' } ? number
	: P extends { type: 'boolean' } ? boolean
	: P extends { options: readonly (infer O)[] } ? O
	: string[];
/** A value for every parameter. */
export type ParameterValues = { [K in ParameterName]: Value<Entries[K]> | (Entries[K] extends { nullable: true } ? null : never) };

export const categories = Object.keys(catalogue) as Category[];

/** Every parameter by its name, with its category. */
export const parameters = Object.fromEntries(
	categories.flatMap((category) => Object.entries(catalogue[category]).map(([name, parameter]) => [name, { category, ...parameter }]))
) as Record<ParameterName, Parameter & { category: Category }>;

export const isParameterName = (name: string): name is ParameterName => Object.hasOwn(parameters, name);
export const isCategory = (name: string): name is Category => Object.hasOwn(catalogue, name);
