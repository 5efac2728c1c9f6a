/**
 * The engine: one model file, one context, its slots, and the loop that runs them. It runs inside a child process (`child.ts`)
 * or in the server, behind the same interface.
 */
import type { ChatEvent } from '../../../contract/chat.ts';
import { AppError } from '../../errors.ts';
import { generateChoices } from './choices.ts';
import { createEventQueue } from './event-queue.ts';
import { assertSupported, createGeneration, usageOf, type GenerationModel } from './generation.ts';
import { grammarOf } from './grammar/answer-grammar.ts';
import { createUtf8Guard, type Utf8Guard } from './grammar/utf8-guard.ts';
import type { GgufHeader } from './gguf.ts';
import { createHarmonyReader, harmonyMarks, harmonyThoughtEnd, isHarmony } from './harmony.ts';
import { joinedController } from './joined-controller.ts';
import { createStateKeeper, type StateSettings } from './kept-states.ts';
import { embeddingEngine, rankingEngine } from './lane-engine.ts';
import { loadEmbedder, loadModel, loadRanker, type LoadedModel } from './load.ts';
import { engineVersion, nativeOf, plainSampler } from './native.ts';
import { partPaths, precheck } from './precheck.ts';
import { createPromptBuilder, type Prompt, type PromptSource } from './prompt.ts';
import type { Engine, EngineInfo, EngineOptions, GenerateRequest, OpenedWith } from './protocol.ts';
import { detokenizeAll } from './detokenize-all.ts';
import { createScheduler } from './scheduler.ts';
import { clearSlot, createSlotPool, trimSlot } from './slots.ts';
import { stateIdentity } from './state-files.ts';
import { createToolCallParser } from './tool-call-parser.ts';
import { commonThoughtMarks, thoughtMarksOf } from './thought-marks.ts';
import { marksOf, type ToolSyntax } from './tool-syntax.ts';
import { createTokenBytes } from './token-bytes.ts';

/** llama.cpp's `LLAMA_TOKEN_ATTR_CONTROL` */
const controlAttribute = 1 << 3;

function tooLong(promptTokens: number, contextLength: number): AppError {
	return new AppError(
		'CONTEXT_LENGTH_EXCEEDED',
		`The prompt has ${promptTokens} tokens, but the context holds ${contextLength} and one must be left for the answer. Shorten the messages or load the model with a longer context.`
	);
}

function failed(error: unknown): AppError {
	if (error instanceof AppError) return error;
	return new AppError('INTERNAL_ERROR', `The engine failed: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
}

/**
 * Checks and loads a file and makes it ready to generate. `onLoading` gets 0–1. Throws MODEL_LOAD_ERROR, or the signal's
 * reason when aborted.
 */
export async function openEngine(options: EngineOptions, onLoading: (fraction: number) => void, signal?: AbortSignal): Promise<Engine> {
	const openedAt = performance.now();
	const header = await precheck(options.modelPath, signal);
	if (options.purpose === 'embed') return embeddingEngine(options, await loadEmbedder(options, onLoading, signal), openedAt);
	if (options.purpose === 'rank') return rankingEngine(options, await loadRanker(options, onLoading, signal), openedAt);
	const loaded = await loadModel(options, onLoading, signal);
	try {
		return runEngine(options, header, loaded, openedAt);
	} catch (thrown) {
		await loaded.dispose();
		throw failed(thrown);
	}
}

function openedWith({ model, context }: LoadedModel, { kvCacheType }: EngineOptions): OpenedWith {
	return { batchSize: context.batchSize, threads: context.currentThreads, gpuLayers: model.gpuLayers, flashAttention: context.flashAttention === true, kvCacheType };
}

/** The engine of a loaded model. `openedAt`: `performance.now()` when opening began. */
function runEngine(options: EngineOptions, header: GgufHeader, loaded: LoadedModel, openedAt: number): Engine {
	const { llama, model } = loaded;
	const native = nativeOf(loaded.context, model);
	const { contextLength } = options;
	const vocabularySize = header.tokenCount;
	const endTokens = new Set<number>();
	for (let token = 0; token < vocabularySize; token++) if (native.model.isEogToken(token)) endTokens.add(token);
	const templateText = header.metadata['tokenizer.chat_template'];
	const buildPrompt = createPromptBuilder(model, native.model, vocabularySize, typeof templateText === 'string' ? templateText : undefined);
	const insights = model.fileInsights;
	const controlTokens = Array.from({ length: vocabularySize }, (_, token) => token).filter((token) => (native.model.getTokenAttributes(token) & controlAttribute) !== 0);
	const isControl = new Set(controlTokens);
	const bytesOf = createTokenBytes(native.model.getVocabularyType(), (token) => native.model.getTokenString(token), (token) => isControl.has(token));
	let utf8Guard: Utf8Guard | undefined;
	/** The tokens that texts of a syntax are, where one token is such a text. llama.cpp takes most of harmony's for user-defined, not for control tokens. */
	const marksIn = (texts: Iterable<string>) => new Map([...texts].flatMap((text) => {
		const [token, ...more] = model.tokenize(text, true);
		return token === undefined || more.length > 0 ? [] : [[token as number, text] as const];
	}));
	const speaksHarmony = typeof templateText === 'string' && isHarmony(templateText);
	const thoughtMarks = typeof templateText === 'string' ? thoughtMarksOf(templateText) : undefined;
	const { open: thoughtOpen, close: thoughtClose } = thoughtMarks ?? commonThoughtMarks;
	const marksOfThoughts = marksIn([thoughtOpen, thoughtClose]);
	/** What is read of an answer that may call tools in a syntax, or none. */
	const marksOfAnswer = (syntax: ToolSyntax | undefined) => new Map([...marksOfThoughts, ...marksIn(syntax ? marksOf(syntax) : []), ...[...marksIn(syntax?.quiet ?? []).keys()].map((token) => [token, ''] as const)]);
	const canForget = !insights.isRecurrent && !insights.isHybrid && !insights.swaSize;

	const generationModel: GenerationModel = {
		contextLength,
		vocabularySize,
		endTokens,
		detokenize: (tokens, preceding) => model.detokenize(tokens as never, false, preceding as never),
		bytesOf,
		controlTokens,
		thoughtEnd: model.tokenize(speaksHarmony ? harmonyThoughtEnd : `\n${thoughtClose}`, true),
		utf8Guard: () => (utf8Guard ??= createUtf8Guard(vocabularySize, bytesOf))
	};
	const scheduler = createScheduler(native.context, Math.max(options.batchSize, options.slots), { inTurn: process.env.UV_THREADPOOL_SIZE === '1' });
	const states = canForget ? options.states : undefined;
	const pool = createSlotPool(options.slots, (states?.memoryBytes ?? 0) > 0);
	const closing = new AbortController();
	const keeper = states && keeperOf(states);

	/** What a state depends on beside the file is how it was opened: llama.cpp trusts what it restores. */
	function keeperOf(settings: StateSettings) {
		const { slots, kvCacheType, flashAttention, gpuLayers } = options;
		let identity: Promise<string> | undefined;
		return createStateKeeper({
			context: native.context, settings, contextLength, slots: pool.slots, between: scheduler.between,
			identity: () => (identity ??= stateIdentity(partPaths(options.modelPath, header), { contextLength, slots, kvCacheType, flashAttention, gpuLayers, engine: engineVersion }))
		});
	}

	function build(request: PromptSource): Prompt {
		if (closing.signal.aborted) throw new AppError('INTERNAL_ERROR', 'The engine is closed');
		if (request.task) throw new AppError('UNSUPPORTED_PARAMETER', 'This model answers chats; embeddings and ranking need a model for them');
		assertSupported(request);
		return buildPrompt(request);
	}

	function buildFitting(request: PromptSource): Prompt {
		const prompt = build(request);
		if (prompt.tokens.length >= contextLength) throw tooLong(prompt.tokens.length, contextLength);
		return prompt;
	}

	async function* generateOne(request: GenerateRequest, signal: AbortSignal): AsyncGenerator<ChatEvent> {
		const requestedAt = performance.now();
		const left = joinedController(signal, closing.signal);
		const aborted = left.signal;
		try {
			const prompt = buildFitting(request);
			const { toolSyntax } = prompt;
			const grammar = grammarOf(request.options, toolSyntax, prompt.isHarmony ? 'harmony' : prompt.startsReasoning ? 'open' : thoughtMarks ? 'possible' : 'none', thoughtMarks);
			const grammarState = grammar === undefined ? undefined : native.createGrammarState(grammar);
			const waitedFrom = performance.now();
			const taken = await pool.take(prompt.tokens, { cacheKey: request.cacheKey, conversation: request.conversation }, aborted);
			const queueMs = performance.now() - waitedFrom;
			if (!taken) {
				yield usageOf({ promptTokens: prompt.tokens.length, completionTokens: 0, cachedTokens: 0, reasoningTokens: 0, contextLength }, { requestedAt, queueMs });
				yield { type: 'finish', reason: 'cancelled' };
				return;
			}
			const choice = (await keeper?.prepare(taken, prompt.tokens)) ?? taken;
			const { slot } = choice;
			const sampler = native.createSampler();
			const plain = request.options.topLogprobs === undefined ? undefined : plainSampler(native);
			const queue = createEventQueue<ChatEvent>();
			const start = { request, prompt, prepare: () => trimSlot(native.context, choice, canForget), sequenceId: slot.id, sampler, canGuess: canForget && options.guesses === true, plain, grammar: grammarState, thoughtMarks, ...(prompt.isHarmony ? { harmony: createHarmonyReader(grammarState !== undefined), marks: marksIn(harmonyMarks) } : { calls: toolSyntax && createToolCallParser(toolSyntax), marks: request.prompt === undefined ? marksOfAnswer(toolSyntax) : new Map<number, string>() }), requestedAt, queueMs, signal: aborted };
			const release = () => {
				sampler.dispose();
				plain?.dispose();
				slot.forget = false;
				pool.giveBack(slot);
			};
			try {
				const generation = createGeneration(generationModel, start, queue.push, (error) => {
					if (error !== undefined || slot.forget) clearSlot(native.context, slot);
					else if (generation.position > 0) slot.tokens = generation.tokens.slice(0, generation.position);
					release();
					queue.end(error === undefined ? undefined : failed(error));
				});
				scheduler.add(generation);
			} catch (thrown) {
				release();
				throw thrown;
			}
			for (let next = await queue.next(); !next.done; next = await queue.next()) yield next.value;
		} finally {
			left.abort(); // whoever stops iterating has left
		}
	}

	const info: EngineInfo = {
		contextLength,
		slots: options.slots,
		trainContextLength: model.trainContextSize,
		vocabularySize,
		hasChatTemplate: typeof templateText === 'string',
		gpu: llama.gpu,
		modelBytes: model.size,
		loadMs: Math.round(performance.now() - openedAt),
		opened: openedWith(loaded, options)
	};

	return {
		info,
		tokenize: async (text) => [...model.tokenize(text, false)],
		detokenize: async (tokens) => detokenizeAll(model, tokens, vocabularySize),
		generate: (request, signal) => generateChoices(request, signal, generateOne),
		countPrompt: async (request) => build(request).tokens.length,
		async stats() {
			return {
				slotsBusy: pool.slots.filter((slot) => slot.busy).length,
				kvUsed: pool.slots.reduce((sum, slot) => sum + slot.tokens.length, 0),
				kvTotal: contextLength * options.slots,
				rssBytes: 0,
				lastBatch: scheduler.lastBatch,
				...(keeper ? { kept: keeper.figures } : {})
			};
		},
		forget: (owner) => keeper?.forget(owner),
		async close() {
			if (closing.signal.aborted) return;
			closing.abort();
			await scheduler.idle();
			await keeper?.close();
			await loaded.dispose();
		}
	};
}
