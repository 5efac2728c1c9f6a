/**
 * The internals of node-llama-cpp 3.22.1 that the lock-step scheduler stands on. The public API queues sequences in an order
 * that llama.cpp cannot join into one batch, and holds its lock while anything is queued (half the throughput at 8 streams),
 * so the engine drives the context itself. The package is pinned exactly; `nativeOf` names what is missing after an update.
 */
import type { LlamaContext, LlamaEmbeddingContext, LlamaModel } from 'node-llama-cpp';

export type NativeSampler = { applyConfig(config: NativeSamplerConfig): void; dispose(): void };

/** `AddonSampler.applyConfig`: an absent member leaves that sampler out of the chain; members must never be `undefined`. */
export type NativeSamplerConfig = {
	temperature: number;
	seed: number;
	topK?: number;
	topP?: number;
	minP?: number;
	repeatPenalty?: number;
	repeatPenaltyMaxTokens?: number;
	repeatPenaltyTokens?: Uint32Array;
	repeatPenaltyPresencePenalty?: number;
	repeatPenaltyFrequencyPenalty?: number;
	tokenBiasKeys?: Uint32Array;
	tokenBiasValues?: Float32Array;
	grammarEvaluationState?: NativeGrammarState;
};

/** Where an answer stands in its grammar (AddonGrammarEvaluationState); one for each answer. */
export type NativeGrammarState = object;

/** Logits as the model gave them: of some tokens, the highest of all, and Σ exp(logit − highest) over the vocabulary. */
export type RawLogits = { logits: Map<number, number>; highest: number; totalWeight: number };

/** What `sampleToken` answers when more than the token is asked for. */
type SampledMore = [token: number, probabilities: undefined, confidence: undefined, tokensWithLogits: number[], totalLogitWeight: number];
type LogitFilter = [tokens: number[], includeHighest: boolean, includeLowest: boolean, includeSelected: boolean, includeTop: number];

export type NativeContext = {
	initBatch(tokens: number): void;
	/** Adds tokens at consecutive positions; returns where in the batch the logits of `logitIndexes` will lie. */
	addToBatch(sequenceId: number, firstPosition: number, tokens: Uint32Array, logitIndexes: Uint32Array): Uint32Array;
	decodeBatch(): Promise<void>;
	/** The next token (−1: none could be chosen); the sampler takes note of it for its penalties. Calls run at once, each on a thread: two with one sampler would crash. */
	sampleToken(logitIndex: number, sampler: NativeSampler): Promise<number>;
	sampleToken(logitIndex: number, sampler: NativeSampler, probabilities: false, confidence: false, logits: LogitFilter, totalLogitWeight: true): Promise<SampledMore>;
	/** False where the model's memory cannot forget a part (recurrent state, an attention window). */
	removeTokenCellsFromSequence(sequenceId: number, start: number, end: number): boolean;
	disposeSequence(sequenceId: number): void;
	/** Writes a sequence's cells and their tokens; must not run while a batch is decoded. Returns the bytes written. */
	saveSequenceStateToFile(path: string, sequenceId: number, tokens: Uint32Array): Promise<number>;
	/** Puts a written state into an empty sequence, under the same condition, and returns its tokens. It trusts the file. */
	loadSequenceStateFromFile(path: string, sequenceId: number, mostTokens: number): Promise<Uint32Array>;
	/** The vector of the first sequence, after a batch of `tokens` of it. */
	getEmbedding(tokens: number): Float64Array;
};

export type NativeModel = {
	getTokenAttributes(token: number): number;
	isEogToken(token: number): boolean;
	getTokenString(token: number): string;
	/** `llama_vocab_type` */
	getVocabularyType(): number;
};

export type Native = {
	context: NativeContext;
	model: NativeModel;
	createSampler(): NativeSampler;
	/** At the beginning of a grammar in GBNF, whose rule `root` is the whole. Throws an Error when llama.cpp cannot parse it. */
	createGrammarState(grammar: string): NativeGrammarState;
};

type Bindings = {
	AddonSampler: new (model: NativeModel) => NativeSampler;
	AddonGrammar: new (text: string, options: { addonExports: Bindings; rootRuleName: string }) => object;
	AddonGrammarEvaluationState: new (model: NativeModel, grammar: object) => NativeGrammarState;
};

/** A sampler that changes nothing: what it is given as logits it leaves as they are. */
export function plainSampler(native: Native): NativeSampler {
	const sampler = native.createSampler();
	sampler.applyConfig({ temperature: 0, seed: 1 });
	return sampler;
}

/** The logits of a token and of the `top` highest, as the model gave them, before bias, penalties, grammar and temperature. `plain`: a {@link plainSampler} that nobody else uses now. */
export async function readLogits(context: NativeContext, logitIndex: number, plain: NativeSampler, token: number, top: number): Promise<RawLogits> {
	const [, , , pairs, totalWeight] = await context.sampleToken(logitIndex, plain, false, false, [[token], false, false, false, Math.max(1, top)], true);
	const logits = new Map<number, number>();
	for (let i = 0; i < pairs.length; i += 2) logits.set(pairs[i]!, pairs[i + 1]!);
	return { logits, highest: pairs[1]!, totalWeight };
}

const contextMethods = ['initBatch', 'addToBatch', 'decodeBatch', 'sampleToken', 'removeTokenCellsFromSequence', 'disposeSequence', 'getEmbedding', 'saveSequenceStateToFile', 'loadSequenceStateFromFile'];
const modelMethods = ['getTokenAttributes', 'isEogToken', 'getTokenString', 'getVocabularyType'];

function assertMethods(owner: string, object: unknown, methods: string[]): void {
	const missing = methods.filter((name) => typeof (object as Record<string, unknown> | undefined)?.[name] !== 'function');
	if (missing.length) throw new Error(`node-llama-cpp has changed inside: ${owner} lacks ${missing.join(', ')}. This engine needs version ${engineVersion}.`);
}

/** The package's version that all of this holds for. */
export const engineVersion = '3.22.1';

/** The internals of a context and its model. Throws an Error that lists whatever the installed version lacks. */
export function nativeOf(llamaContext: LlamaContext, llamaModel: LlamaModel): Native {
	const context = (llamaContext as unknown as { _ctx: NativeContext })._ctx;
	const model = (llamaModel as unknown as { _model: NativeModel })._model;
	const bindings = (llamaModel.llama as unknown as { _bindings?: Bindings })._bindings;
	assertMethods('context._ctx', context, contextMethods);
	assertMethods('model._model', model, modelMethods);
	assertMethods('llama._bindings', bindings, ['AddonSampler', 'AddonGrammar', 'AddonGrammarEvaluationState']);
	const { AddonSampler, AddonGrammar, AddonGrammarEvaluationState } = bindings!;
	assertMethods('AddonSampler', AddonSampler.prototype, ['applyConfig', 'dispose']);
	return {
		context,
		model,
		createSampler: () => new AddonSampler(model),
		createGrammarState: (grammar) => new AddonGrammarEvaluationState(model, new AddonGrammar(grammar, { addonExports: bindings!, rootRuleName: 'root' }))
	};
}

/** The internals of a context for embeddings. Throws as {@link nativeOf}. */
export function nativeLaneOf(lane: LlamaEmbeddingContext): NativeContext {
	const context = (lane as unknown as { _llamaContext?: { _ctx: NativeContext } })._llamaContext?._ctx;
	assertMethods('embeddingContext._llamaContext._ctx', context, contextMethods);
	return context!;
}
