/** Options that a conversation keeps: name, bounds and step, as the chat request has them. */
export const options = [
	{ name: 'temperature', min: 0, max: 2, step: 0.1 },
	{ name: 'topP', min: 0, max: 1, step: 0.05 },
	{ name: 'topK', min: 0, max: 100_000, step: 1 },
	{ name: 'minP', min: 0, max: 1, step: 0.01 },
	{ name: 'maxTokens', min: 1, max: 10_000_000, step: 1 },
	{ name: 'repeatPenalty', min: 0, max: 2, step: 0.05 },
	{ name: 'presencePenalty', min: -2, max: 2, step: 0.1 },
	{ name: 'frequencyPenalty', min: -2, max: 2, step: 0.1 },
	{ name: 'seed', min: 0, max: 2 ** 32 - 1, step: 1 }
] as const;

export type OptionName = (typeof options)[number]['name'];
export type ChatOptions = Partial<Record<OptionName, number>>;

/** What the answers of a conversation are made with, besides its messages. An option left out is the model's own. */
export type ChatSetup = { systemPrompt: string; options: ChatOptions };

export const emptySetup: ChatSetup = { systemPrompt: '', options: {} };

/** The options among what was kept that are known and numbers: an imported file may hold anything, also other members of a request. */
export const knownOptions = (kept: Record<string, unknown>): ChatOptions =>
	Object.fromEntries(options.filter(({ name }) => Number.isFinite(kept[name])).map(({ name }) => [name, kept[name] as number]));
