/**
 * The internals of node-llama-cpp 3.22.1 that the lock-step scheduler stands on. The public API queues sequences in an order
 * that llama.cpp cannot join into one batch, and holds its lock while anything is queued (half the throughput at 8 streams),
 * so the engine drives the context itself. The package is pinned exactly; `nativeOf` names what is missing after an update.
 */
import type { LlamaContext, LlamaModel } from 'node-llama-cpp';

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
	/** an AddonGrammarEvaluationState */
	grammarEvaluationState?: object;
};

export type NativeContext = {
	initBatch(tokens: number): void;
	/** Adds tokens at consecutive positions; returns where in the batch the logits of `logitIndexes` will lie. */
	addToBatch(sequenceId: number, firstPosition: number, tokens: Uint32Array, logitIndexes: Uint32Array): Uint32Array;
	decodeBatch(): Promise<void>;
	/** The next token (−1: none could be chosen); the sampler takes note of it for its penalties. */
	sampleToken(logitIndex: number, sampler: NativeSampler): Promise<number>;
	/** False where the model's memory cannot forget a part (recurrent state, an attention window). */
	removeTokenCellsFromSequence(sequenceId: number, start: number, end: number): boolean;
	disposeSequence(sequenceId: number): void;
};

export type NativeModel = { getTokenAttributes(token: number): number; isEogToken(token: number): boolean; getTokenString(token: number): string };

export type Native = { context: NativeContext; model: NativeModel; createSampler(): NativeSampler };

const contextMethods = ['initBatch', 'addToBatch', 'decodeBatch', 'sampleToken', 'removeTokenCellsFromSequence', 'disposeSequence'];
const modelMethods = ['getTokenAttributes', 'isEogToken', 'getTokenString'];

function assertMethods(owner: string, object: unknown, methods: string[]): void {
	const missing = methods.filter((name) => typeof (object as Record<string, unknown> | undefined)?.[name] !== 'function');
	if (missing.length) throw new Error(`node-llama-cpp has changed inside: ${owner} lacks ${missing.join(', ')}. This engine needs version 3.22.1.`);
}

/** The internals of a context and its model. Throws an Error that lists whatever the installed version lacks. */
export function nativeOf(llamaContext: LlamaContext, llamaModel: LlamaModel): Native {
	const context = (llamaContext as unknown as { _ctx: NativeContext })._ctx;
	const model = (llamaModel as unknown as { _model: NativeModel })._model;
	const bindings = (llamaModel.llama as unknown as { _bindings?: { AddonSampler: new (model: NativeModel) => NativeSampler } })._bindings;
	assertMethods('context._ctx', context, contextMethods);
	assertMethods('model._model', model, modelMethods);
	assertMethods('llama._bindings', bindings, ['AddonSampler']);
	assertMethods('AddonSampler', bindings!.AddonSampler.prototype, ['applyConfig', 'dispose']);
	return { context, model, createSampler: () => new bindings!.AddonSampler(model) };
}
