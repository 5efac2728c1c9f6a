import type { FinishReason } from '../../contract/chat.ts';

/** Where a request was when it was cancelled. */
export type CancelPhase = 'queued' | 'loading' | 'prompt' | 'decoding';

/** What can happen, without where. */
export type PoolFacts =
	| { type: 'loadStarted'; contextLength: number; slots: number; estimatedBytes: number }
	| { type: 'loadFinished'; loadMs: number; contextLength: number; slots: number; pid?: number }
	| { type: 'loadFailed'; code: string; message: string; details?: string }
	| { type: 'loadCancelled' }
	/** made room for another model (its name), or for none when fewer may be loaded than before */
	| { type: 'evicted'; inFavourOf: string | null }
	| { type: 'unloaded'; reason: 'asked' | 'idle' | 'options' | 'evicted' }
	/** its engine is gone, as asked */
	| { type: 'ended' }
	| { type: 'crashed'; stuck: boolean; reason: string; /** the engine's last words */ lastLines: string; runningRequests: number; restartInMs: number }
	| { type: 'quarantined'; reason: string }
	| { type: 'queued'; user: string; depth: number }
	| { type: 'refused'; user: string; depth: number }
	/** a slot was given */
	| { type: 'granted'; user: string; waitedMs: number }
	| { type: 'firstToken'; user: string; sinceStartMs: number }
	| { type: 'nextToken'; sinceLastMs: number }
	| { type: 'cancelled'; user: string; phase: CancelPhase }
	| { type: 'retried'; user: string }
	| { type: 'finished'; user: string; reason: FinishReason; durationMs: number; promptTokens: number; completionTokens: number; cachedTokens: number };

/** What happened in the pool, for metrics and logs. `key` and `model` (its name) say where. */
export type PoolEvent = { key: string; model: string } & PoolFacts;
