import { EventEmitter } from 'node:events';
import { singleton } from './singleton.ts';

/** Everything that is announced inside the server. One row per event; payloads are plain facts. */
export type Events = {
	/** a request or an upgrade came */
	'request:started': { path: string };
	/** a request to an endpoint ended; of an upgrade (method WS): it was let in or refused */
	'request:done': { method: string; endpoint: string; path: string; status: number; durationMs: number; ip: string; requestId: string; user: string | null };
	'answer:started': { answerId: string; model: string; userId: string };
	/** a piece of an answer came; `sinceLastMs` is null for the first one */
	'answer:token': { model: string; sinceStartMs: number; sinceLastMs: number | null };
	'answer:done': {
		answerId: string; model: string; userId: string; username: string; requestId: string;
		/** where it was when it ended */
		phase: 'queued' | 'loading' | 'prompt' | 'decoding';
		promptTokens: number; completionTokens: number; cachedTokens: number;
		timeToFirstTokenMs: number | null; durationMs: number; tokensPerSecond: number | null; finish: string;
	};
	/** something happened in the pool; its own types say what else there is to each kind */
	'pool:event': { key: string; model: string; type: string; waitedMs?: number };
	'model:changed': { name: string };
	'models:changed': Record<string, never>;
	'config:changed': { paths: string[] };
	'parameters:changed': { names: string[]; model: string | null };
	/** sessions that ended and API keys that were revoked before their time: what is open under them must close */
	'session:revoked': { credentialIds: string[]; userId: string };
	'user:changed': { userId: string };
	'conversation:changed': { userId: string; conversationId: string };
	/** it is gone, or messages of it are: what is kept of their text elsewhere must go too */
	'conversation:removed': { userId: string; conversationId: string };
	/** a download has begun, moved or ended, or its settings are others */
	'downloads:changed': Record<string, never>;
	'log:line': { id: number };
	/** there is a new sample of the machine */
	'monitoring:sampled': Record<string, never>;
	/** there is a new row of what has been answered */
	'monitoring:answered': Record<string, never>;
	'server:error': { message: string; code: string; details: string };
};

class Bus extends EventEmitter {
	constructor() {
		super();
		this.setMaxListeners(0);
	}
}

const bus = singleton('events', () => new Bus());

/** The typed bus. Listeners run in the emitter's turn: keep them short. */
export const events = {
	emit<K extends keyof Events>(name: K, payload: Events[K]): void {
		bus.emit(name, payload);
	},
	/** Returns the function that stops listening. */
	on<K extends keyof Events>(name: K, listener: (payload: Events[K]) => void): () => void {
		bus.on(name, listener);
		return () => bus.off(name, listener);
	}
};
