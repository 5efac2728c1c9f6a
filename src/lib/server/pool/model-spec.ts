import type { EngineOptions, GenerateRequest, KeptStates, OpenedWith } from './engine/protocol.ts';
import type { ModelShape } from './model-shape.ts';

/** What the pool is asked to run: a file and how to open it. Never a registry row. */
export type ModelSpec = {
	/** stable id: two specs with one key are one model, and the later one counts */
	key: string;
	/** the name that messages use */
	name: string;
	/** absolute path of the (first) GGUF file */
	path: string;
	options: Omit<EngineOptions, 'modelPath'>;
	/** milliseconds without a request until the model is unloaded; 0 = never */
	idleUnloadMs: number;
	/** milliseconds a load may take */
	loadTimeoutMs: number;
	/** milliseconds without a token while an answer is generated */
	progressTimeoutMs: number;
	/** never evicted, never unloaded for idleness */
	pinned?: boolean;
	/** read from the file's header when absent */
	shape?: ModelShape;
};

export type Priority = 'interactive' | 'batch';

export type Asker = {
	/** id that shares are counted by */
	user: string;
	priority: Priority;
};

/** One generation or task and for whom. */
export type PoolRequest = GenerateRequest & Asker;

export type ModelPhase = 'stopped' | 'loading' | 'running' | 'error';

/** What the pool tells of a model at a moment. */
export type ModelState = {
	key: string;
	name: string;
	phase: ModelPhase;
	/** why the last load failed, or the model was set aside */
	error?: string;
	/** 0–1 while loading */
	fraction?: number;
	/** tokens a sequence can hold, as allocated; 0 when not loaded */
	contextLength: number;
	slots: number;
	slotsBusy: number;
	/** sequences that the engine said it works on; more than `slotsBusy` for a moment at most */
	engineBusy: number;
	/** requests waiting for a slot or the load */
	queued: number;
	/** tokens of the KV cache in use, and in all */
	kvUsed: number;
	kvTotal: number;
	/** tokens in the engine's last decode batch: of prompts, and one of each answer */
	lastBatch: number;
	/** conversations kept in the engine's memory beside its slots; absent where none are */
	kept?: KeptStates;
	/** resident bytes of the engine's process; 0 when it runs inside the server */
	rssBytes: number;
	/** bytes the pool counts for it */
	estimatedBytes: number;
	pid?: number;
	loadedAt?: Date;
	/** what its engine runs with, once it does */
	opened?: OpenedWith;
	lastUsedAt?: Date;
	pinned: boolean;
};
