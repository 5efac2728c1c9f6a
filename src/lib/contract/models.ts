/** A model's state. An upstream's model is `running` whenever its server answers. */
export type ModelStatus = 'running' | 'stopped' | 'loading' | 'error';

/** One row of the one model list: registered local models and the models of every reachable upstream. */
export type ListedModel = {
	/** also its id */
	name: string;
	description: string;
	status: ModelStatus;
	version: string;
	/** `local`, or the upstream's name */
	source: string;
	family: string;
	quantization: string;
	/** bytes; null when an upstream doesn't tell */
	sizeBytes: number | null;
	parameterCount: number | null;
	/** tokens */
	contextLength: number | null;
	createdAt: Date;
	/** why the last load failed, in words */
	error: string | null;
	/** what only a registered file has; absent for an upstream's model */
	local?: LocalModelFacts;
	/** what only an upstream's model has. `loaded`: null when its server doesn't tell; false: its first request loads it */
	upstream?: { chats: boolean; loaded: boolean | null };
};

export type LocalModelFacts = {
	/** further names it answers to */
	aliases: string[];
	/** stays loaded */
	pinned: boolean;
	/** its file is gone */
	missing: boolean;
	/** the guide that comes with the program */
	builtIn: boolean;
	purpose: 'generate' | 'embed' | 'rank';
	hasChatTemplate: boolean;
	/** to the minute */
	lastUsedAt: Date | null;
};

/** A model file on the disk, registered or not. */
export type FoundFile = {
	/** from the file's name */
	name: string;
	path: string;
	/** bytes of all parts */
	sizeBytes: number;
	description: string;
	version: string;
	family: string;
	quantization: string;
	parameterCount: number | null;
	contextLength: number | null;
	hasChatTemplate: boolean;
	purpose: 'generate' | 'embed' | 'rank';
};

/** News of a discovery under way; what was found and skipped since the last news. */
export type DiscoveryNews = {
	folders: number;
	files: number;
	filesRead: number;
	/** `registeredAs`: the model that has this file already; null: its name is free */
	found: (FoundFile & { registeredAs: string | null })[];
	/** files that are no models by themselves, and why */
	skipped: { path: string; reason: string }[];
	done: boolean;
	/** a bound was reached: there may be more */
	truncated: boolean;
};

/** One key of a file's metadata. Long texts end in `…`; of a list the first entries are shown. */
export type MetadataEntry = { key: string; value: string | number | boolean | (string | number | boolean)[]; /** entries of a list */ length: number | null };

/** Conversations kept beside the slots of all models, so that they need not be read again. */
export type KeptConversations = Record<'memory' | 'disk', { states: number; bytes: number }>;

export type ModelDetails = ListedModel & {
	/** its path, or for who may not know the server's folders its name */
	file: string;
	architecture: string;
	updatedAt: Date;
	/** null when the file can't be read */
	ggufVersion: number | null;
	tensorCount: number | null;
	vocabularySize: number | null;
	/** Jinja */
	chatTemplate: string | null;
	/** conversations kept on disk, so that they need not be read again */
	keptOnDisk: { states: number; bytes: number };
	metadata: MetadataEntry[];
};

type OpenedAs = { contextLength: number; slots: number; kvCacheType: 'f16' | 'q8_0' | 'q4_0' | 'f32' };

/** What loading a model would take of this machine. All in bytes. */
export type MemoryPlan = {
	name: string;
	asked: OpenedAs;
	needs: { weights: number; cache: number; process: number; total: number };
	machine: { totalBytes: number; /** what models may take now */ freeBytes: number };
	/** the other models that are loaded */
	loaded: { name: string; bytes: number; busy: boolean; pinned: boolean }[];
	/**
	 * fits: as it is; makesRoom: once `unloads` have gone; shrinks: as `opens` says; waits: for a busy or pinned model;
	 * tooLarge: never, `explanation` says why
	 */
	verdict: 'fits' | 'makesRoom' | 'shrinks' | 'waits' | 'tooLarge';
	unloads: string[];
	/** how it would be opened; null when it can't */
	opens: OpenedAs | null;
	explanation: string | null;
};

/** A model's state at a moment. */
export type ModelLive = {
	name: string;
	status: ModelStatus;
	error: string | null;
	/** 0–1 while it loads */
	fraction?: number;
	/** tokens one conversation can hold, as allocated; 0 when not loaded */
	contextLength: number;
	slots: number;
	slotsBusy: number;
	/** requests that wait for it */
	queued: number;
	/** tokens */
	kvUsed: number;
	kvTotal: number;
	/** conversations kept in its memory beside the slots; absent where none are */
	kept?: { states: number; bytes: number };
	/** bytes its engine holds; 0 inside the server */
	rssBytes: number;
	/** bytes that are counted for it */
	estimatedBytes: number;
	pid?: number;
	loadedAt?: Date;
	/** what its engine runs with, once it does */
	opened?: { batchSize: number; threads: number; gpuLayers: number; flashAttention: boolean; kvCacheType: OpenedAs['kvCacheType'] };
	lastUsedAt?: Date;
	pinned: boolean;
};

/** `list`: rows came, went or changed; read the list again. */
export type ModelsEvent = { type: 'states'; models: ModelLive[] } | { type: 'list' };
