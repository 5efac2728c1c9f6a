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
 * Every parameter that can be set. Names are unique over the categories. `model`: what an answer is made with;
 * `performance`: how a model is opened; `system`: limits of the server.
 */
export const catalogue = {
	model: {
		temperature: { type: 'number', default: 0.7, min: 0, max: 2, step: 0.05, description: 'Controls randomness in generation', perModel: true },
		maxTokens: { type: 'integer', default: 2048, min: 1, max: 131_072, step: 1, unit: 'tokens', description: 'Maximum tokens to generate', perModel: true },
		topP: { type: 'number', default: 0.95, min: 0, max: 1, step: 0.01, description: 'Keeps the most likely tokens whose probabilities add up to this', perModel: true },
		topK: { type: 'integer', default: 40, min: 0, max: 1000, step: 1, description: 'Keeps this many most likely tokens; 0 keeps all', perModel: true },
		minP: { type: 'number', default: 0.05, min: 0, max: 1, step: 0.01, description: 'Drops tokens less likely than this share of the most likely one', perModel: true },
		repeatPenalty: { type: 'number', default: 1, min: 0.5, max: 2, step: 0.05, description: 'Makes recently used tokens less likely; 1 is off', perModel: true },
		presencePenalty: { type: 'number', default: 0, min: -2, max: 2, step: 0.1, description: 'Makes tokens that occurred less likely', perModel: true },
		frequencyPenalty: { type: 'number', default: 0, min: -2, max: 2, step: 0.1, description: 'Makes tokens less likely each time they occur', perModel: true },
		seed: { type: 'integer', default: null, min: 0, max: 4_294_967_295, nullable: true, description: 'Fixes the random numbers, so that the same request gives the same answer; null draws one each time', perModel: true },
		stop: { type: 'strings', default: [], description: 'Texts that end an answer', perModel: true }
	},
	system: {
		loadTimeout: { type: 'integer', default: 300, min: 5, max: 3600, step: 1, unit: 's', description: 'How long a model may take to load', perModel: true },
		progressTimeout: { type: 'integer', default: 30, min: 5, max: 600, step: 1, unit: 's', description: 'How long a generation may go without a token', perModel: true }
	},
	performance: {
		contextLength: { type: 'integer', default: 4096, min: 128, max: 1_048_576, step: 128, unit: 'tokens', description: 'Tokens one conversation can hold; at most what the model was trained for', perModel: true },
		parallelSlots: { type: 'integer', default: 4, min: 1, max: 64, step: 1, description: 'Answers one model generates at once', perModel: true },
		batchSize: { type: 'integer', default: 512, min: 32, max: 2048, step: 32, unit: 'tokens', description: 'Tokens per decode batch: larger reads prompts faster, smaller delays running answers less', perModel: true },
		threads: { type: 'integer', default: null, min: 1, max: 256, nullable: true, description: 'CPU threads of a model; null uses the cores available', perModel: true },
		gpuLayers: { type: 'integer', default: null, min: 0, max: 1024, nullable: true, description: 'Layers kept on the GPU; null puts all there when there is one', perModel: true },
		flashAttention: { type: 'boolean', default: false, description: 'A faster attention that some GPUs and quantised KV caches need', perModel: true },
		kvCacheType: { type: 'string', default: 'f16', options: ['f16', 'q8_0', 'q4_0', 'f32'], description: 'Element type of the KV cache', perModel: true },
		idleUnload: { type: 'integer', default: 600, min: 0, max: 86_400, step: 1, unit: 's', description: 'A model unused this long is unloaded; 0 keeps it', perModel: true }
	}
} as const satisfies Record<Category, Record<string, Parameter>>;

type Names<C> = { [K in keyof C]: keyof C[K] }[keyof C];
export type ParameterName = Names<typeof catalogue>;
