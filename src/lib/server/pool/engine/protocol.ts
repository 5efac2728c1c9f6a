/**
 * What the supervisor (in the server) and an engine (in a child process, or in the server with ENGINE_ISOLATION=none)
 * say to each other. Types only and erasable: this file is loaded by the child with type stripping.
 */
import type { ChatEvent, ChatMessage, ChatOptions } from '../../../contract/chat.ts';
import type { ErrorCode } from '../../../contract/errors.ts';
import type { StateSettings } from './kept-states.ts';
import type { StateOwner } from './state-files.ts';

/** How an engine is opened. Every number is decided by the supervisor: nothing is "auto" here. */
export type EngineOptions = {
	/** absolute path of the (first) GGUF file */
	modelPath: string;
	/** tokens one sequence can hold; the KV cache has contextLength × slots cells */
	contextLength: number;
	/** sequences that run at once */
	slots: number;
	/** tokens per decode batch, 32–2048 */
	batchSize: number;
	/** CPU threads, ≥ 1 */
	threads: number;
	/** layers on the GPU; 0 = CPU only; 'max' = all */
	gpuLayers: number | 'max';
	flashAttention: boolean;
	/** KV cache element type */
	kvCacheType: 'f16' | 'q8_0' | 'q4_0' | 'f32';
	/** generation needs a causal context; embeddings and ranking their own */
	purpose: 'generate' | 'embed' | 'rank';
	/** where the states of conversations are kept that gave up their slot; absent: nowhere */
	states?: StateSettings;
	/**
	 * A stream that runs alone guesses what it says next (`prompt-lookup.ts`). Off unless asked for: on a CPU a batch of eight costs
	 * about six single tokens, so that only an answer of nothing but repetition gains (a fifth), and one half guessed right loses.
	 */
	guesses?: boolean;
};

/** What an opened engine knows of itself. */
export type EngineInfo = {
	/** tokens one sequence can hold (what was really allocated) */
	contextLength: number;
	slots: number;
	trainContextLength: number;
	vocabularySize: number;
	hasChatTemplate: boolean;
	gpu: string | false;
	/** bytes of weights as llama.cpp reports them */
	modelBytes: number;
	/** milliseconds from open to ready */
	loadMs: number;
	/** as llama.cpp says, not as was asked for */
	opened: OpenedWith;
};

/** What an engine runs with. */
export type OpenedWith = Pick<EngineOptions, 'batchSize' | 'threads' | 'flashAttention' | 'kvCacheType'> & { gpuLayers: number };

/** What engines for the purposes `embed` and `rank` compute. */
export type EngineTask =
	/** a vector of length 1 for each input, a text or tokens */
	| { type: 'embed'; inputs: (string | number[])[] }
	/** how relevant each document is to the query, 0–1 */
	| { type: 'rank'; query: string; documents: string[] };

/** What an engine yields: an answer's events, or of a task one result for each input, in whatever order they are done. */
export type EngineEvent =
	| ChatEvent
	/** `vector`: float32, little-endian, in base64 */
	| { type: 'vector'; index: number; vector: string }
	| { type: 'score'; index: number; score: number };

/** One generation. All sampling members have been filled in from the parameters by the caller; `seed` too. */
export type GenerateRequest = {
	messages: ChatMessage[];
	/** a raw prompt, or its tokens, instead of messages (completions) */
	prompt?: string | number[];
	/** instead of both */
	task?: EngineTask;
	options: ChatOptions & { temperature: number; maxTokens: number; seed: number };
	/** groups requests that may share cached prefixes; a cache is never reused across different keys */
	cacheKey?: string;
	/** what the tokens belong to and go with; without one they are never kept on disk */
	conversation?: string;
};

/** States of conversations in an engine's memory, beside its slots, and how many were brought back since it was opened. */
export type KeptStates = { states: number; bytes: number; restoredFromMemory: number; restoredFromDisk: number };

export type EngineFailure = { code: ErrorCode; message: string; details?: string };

export type EngineStats = {
	slotsBusy: number;
	/** tokens of the KV cache in use, and in all */
	kvUsed: number;
	kvTotal: number;
	/** resident bytes of the engine's process; 0 when it runs inside the server */
	rssBytes: number;
	/** tokens in the last decode batch */
	lastBatch: number;
	/** absent where none are kept */
	kept?: KeptStates;
};

/** Supervisor → child. `id` is unique per engine and names one call. */
export type ToEngine =
	| { type: 'open'; options: EngineOptions }
	| { type: 'generate'; id: number; request: GenerateRequest }
	| { type: 'count'; id: number; request: Pick<GenerateRequest, 'messages' | 'prompt' | 'options'> }
	| { type: 'tokenize'; id: number; text: string }
	| { type: 'detokenize'; id: number; tokens: number[] }
	| { type: 'abort'; id: number }
	| { type: 'ping'; id: number }
	| { type: 'forget'; owner: StateOwner }
	| { type: 'close' };

/** Child → supervisor. Events of one decode step travel together. */
export type FromEngine =
	| { type: 'loading'; fraction: number }
	| { type: 'opened'; info: EngineInfo }
	| { type: 'openFailed'; failure: EngineFailure }
	| { type: 'events'; rows: { id: number; event: EngineEvent }[] }
	| { type: 'failed'; id: number; failure: EngineFailure }
	| { type: 'counted'; id: number; tokens: number }
	| { type: 'tokenized'; id: number; tokens: number[] }
	| { type: 'detokenized'; id: number; text: string }
	| { type: 'pong'; id: number; stats: EngineStats }
	| { type: 'closed' };

/** One opened model, wherever it runs. Implemented by `engine.ts` (here) and by the supervisor's proxy of a child. */
export interface Engine {
	readonly info: EngineInfo;
	/**
	 * Streams text, reasoning, toolCall, prompt progress, then usage, then finish (the last, always, unless it throws).
	 * Aborting the signal stops decoding within one batch; the iterable then yields usage and finish 'cancelled'.
	 * Throws AppError-shaped failures (CONTEXT_LENGTH_EXCEEDED, UNSUPPORTED_PARAMETER, …) before its first event.
	 */
	generate(request: GenerateRequest, signal: AbortSignal): AsyncIterable<EngineEvent>;
	/** Tokens of the rendered prompt. */
	countPrompt(request: Pick<GenerateRequest, 'messages' | 'prompt' | 'options'>, signal: AbortSignal): Promise<number>;
	/** A text's tokens, as they would stand in a prompt; the texts of control tokens are text. */
	tokenize(text: string): Promise<number[]>;
	/** Throws VALIDATION_ERROR for a token that the model does not have. */
	detokenize(tokens: number[]): Promise<string>;
	stats(): Promise<EngineStats>;
	/** Erases what is kept of a conversation, or of all of a user's, in slots and in memory. */
	forget(owner: StateOwner): void;
	/** Graceful: running generations are cancelled first. */
	close(): Promise<void>;
}
