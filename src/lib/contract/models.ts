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
};

export type LocalModelFacts = {
	/** further names it answers to */
	aliases: string[];
	/** stays loaded */
	pinned: boolean;
	/** its file is gone */
	missing: boolean;
	purpose: 'generate' | 'embed' | 'rank';
	hasChatTemplate: boolean;
	/** to the minute */
	lastUsedAt: Date | null;
};
