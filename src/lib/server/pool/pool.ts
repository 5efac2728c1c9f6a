import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { ChatEvent } from '../../contract/chat.ts';
import { AppError } from '../errors.ts';
import { freeMemory, memoryReserve } from './free-memory.ts';
import type { EngineEvent, EngineTask } from './engine/protocol.ts';
import type { StateOwner } from './engine/state-files.ts';
import type { Instance, InstanceLimits } from './instance.ts';
import type { Asker, ModelSpec, ModelState, PoolRequest } from './model-spec.ts';
import { Placement } from './placement.ts';
import { PooledModel, type Loader } from './pooled-model.ts';
import type { PoolEvent, PoolFacts } from './pool-event.ts';
import type { QueueLimits } from './queue.ts';
import { runTicket } from './run-ticket.ts';
import { Ticket } from './ticket.ts';

export type PoolOptions = {
	/** process: an engine process for each model; none: engines run inside this process */
	isolation: 'process' | 'none';
	/** the project's folder */
	root?: string;
	/** the child's entry file */
	entry?: string;
	/** the child's whole environment */
	env?: Record<string, string>;
	/** models that may be loaded at once; asked each time, so a changed setting counts at once */
	maxLoaded: () => number;
	onEvent?: (event: PoolEvent) => void;
	/** milliseconds, rising, since the epoch */
	now?: () => number;
	/** bytes that models may still take */
	freeBytes?: () => number;
	limits?: Partial<InstanceLimits>;
	queue?: Partial<QueueLimits>;
	/** milliseconds a loaded model keeps its place while another's requests wait */
	turnMs?: number;
};

const defaultLimits: InstanceLimits = { heartbeatMs: 250, suspectMs: 200, stuckMs: 15_000, killAfterMs: 5000 };
const defaultQueue: QueueLimits = { total: 256, perUser: 64, batchAgeMs: 60_000 };
/** The child's entry: built into one file beside the app, run from source with types stripped otherwise. */
const childEntry = (root: string): string => resolve(root, import.meta.env?.PROD ? 'build/engine.js' : 'src/lib/server/pool/engine/child.ts');
/** The built one is 2 MB: what V8 made of it is kept, where it can be written, in a folder that only engines read. 0.03 s less for each start. */
const childEnv = (root: string): Record<string, string> => (import.meta.env?.PROD ? { NODE_COMPILE_CACHE: resolve(root, 'build/compiled/engine') } : {});

/**
 * Loaded models and who may use them: admits requests into each model's line, decides who is loaded, gives out slots,
 * and survives what engines do. See design.md for the states.
 */
export class Pool {
	readonly #models = new Map<string, PooledModel>();
	readonly #placement: Placement;
	readonly #queueLimits: QueueLimits;
	readonly #now: () => number;
	readonly #onEvent: (event: PoolEvent) => void;
	#closed = false;
	#arranging = false;
	#again = false;

	constructor(options: PoolOptions) {
		const { isolation, root = process.cwd(), entry = childEntry(root), env = childEnv(root), onEvent = () => undefined } = options;
		this.#onEvent = onEvent;
		this.#now = options.now ?? (() => performance.timeOrigin + performance.now());
		this.#queueLimits = { ...defaultQueue, ...options.queue };
		this.#placement = new Placement({
			models: this.#models,
			launch: isolation === 'process' ? { entry, env } : undefined,
			limits: { ...defaultLimits, ...options.limits },
			maxLoaded: options.maxLoaded,
			freeBytes: options.freeBytes ?? (() => freeMemory() - memoryReserve()),
			turnMs: options.turnMs ?? 10_000,
			now: this.#now,
			report: (model, facts) => this.#report(model, facts),
			onChange: () => this.#arrange(),
			onReady: (model) => {
				for (const loader of model.loaders) loader.resolve(model.instance!);
				model.loaders.clear();
				this.#touch(model);
			}
		});
	}

	/**
	 * One answer: progress while it waits, then the engine's events with the times of `usage` counted from this call; `finish` is last.
	 * Aborting the signal, or leaving the loop, cancels at once in every phase; the stream then ends with finish 'cancelled'.
	 * A failure after the first piece of the answer is an `error` event and finish 'error'.
	 * @throws AppError when it fails before: QUEUE_FULL, TOO_MANY_STREAMS, MODEL_LOAD_ERROR, MODEL_DOES_NOT_FIT, ENGINE_CRASHED, TIMEOUT, the engine's own
	 */
	stream(spec: ModelSpec, request: Omit<PoolRequest, 'task'>, signal: AbortSignal): AsyncGenerator<ChatEvent, void, void> {
		return this.#stream(spec, request, signal) as AsyncGenerator<ChatEvent, void, void>; // results come of tasks alone
	}

	/**
	 * A vector of length 1 for each input (float32, little-endian, base64), by a model whose spec has the purpose `embed`.
	 * @throws AppError as `stream`, CONTEXT_LENGTH_EXCEEDED, or the signal's reason
	 */
	async embed(spec: ModelSpec, inputs: (string | number[])[], asker: Asker, signal: AbortSignal): Promise<{ vectors: string[]; tokens: number }> {
		const vectors: string[] = [];
		const tokens = await this.#compute(spec, { type: 'embed', inputs }, asker, signal, (event) => {
			if (event.type === 'vector') vectors[event.index] = event.vector;
		});
		return { vectors, tokens };
	}

	/** How relevant each document is to the query, 0–1, by a model whose spec has the purpose `rank`. @throws as `embed` */
	async rank(spec: ModelSpec, query: string, documents: string[], asker: Asker, signal: AbortSignal): Promise<{ scores: number[]; tokens: number }> {
		const scores: number[] = [];
		const tokens = await this.#compute(spec, { type: 'rank', query, documents }, asker, signal, (event) => {
			if (event.type === 'score') scores[event.index] = event.score;
		});
		return { scores, tokens };
	}

	/** A text's tokens; loads the model when it is not. */
	async tokenize(spec: ModelSpec, text: string, signal: AbortSignal): Promise<number[]> {
		return (await this.#used(spec, signal)).tokenize(text);
	}

	async detokenize(spec: ModelSpec, tokens: number[], signal: AbortSignal): Promise<string> {
		return (await this.#used(spec, signal)).detokenize(tokens);
	}

	/** Runs a task through the model's line to its end. @returns its tokens */
	async #compute(spec: ModelSpec, task: EngineTask, asker: Asker, signal: AbortSignal, take: (event: EngineEvent) => void): Promise<number> {
		let tokens = 0;
		for await (const event of this.#stream(spec, { ...asker, task, messages: [], options: { temperature: 0, maxTokens: 0, seed: 0 } }, signal)) {
			take(event);
			if (event.type === 'usage') tokens = event.promptTokens;
			if (event.type === 'finish' && event.reason === 'cancelled') throw signal.reason ?? new AppError('CONFLICT', `The model "${spec.name}" was unloaded while it worked on this request; send it again to load it`);
		}
		return tokens;
	}

	async *#stream(spec: ModelSpec, request: PoolRequest, signal: AbortSignal): AsyncGenerator<EngineEvent, void, void> {
		const model = this.#model(spec);
		const ticket = this.#admit(model, request);
		const cancel = (): void => this.#cancel(model, ticket);
		signal.addEventListener('abort', cancel, { once: true });
		if (signal.aborted) cancel();
		try {
			yield* ticket.events;
		} finally {
			signal.removeEventListener('abort', cancel);
			cancel();
		}
	}

	/** Loads the model, or waits for the load that runs. @throws AppError, or the signal's reason */
	async load(spec: ModelSpec, signal: AbortSignal): Promise<ModelState> {
		const model = this.#model(spec);
		await this.#ready(model, signal);
		return model.state;
	}

	/** Tokens of the rendered prompt; loads the model when it is not. */
	async countPrompt(spec: ModelSpec, request: Pick<PoolRequest, 'messages' | 'prompt' | 'options'>, signal: AbortSignal): Promise<number> {
		return (await this.#used(spec, signal)).countPrompt(request, signal);
	}

	/** The model's engine, for what needs no slot. */
	async #used(spec: ModelSpec, signal: AbortSignal): Promise<Instance> {
		const model = this.#model(spec);
		const instance = model.isOpen ? model.instance! : await this.#ready(model, signal);
		this.#touch(model);
		return instance;
	}

	/**
	 * Ends a model. Its running answers end first, its line is kept and would load it again;
	 * with `force` the answers are cancelled and those who wait are refused.
	 */
	async unload(key: string, { force = false } = {}): Promise<void> {
		const model = this.#models.get(key);
		if (!model) return;
		model.error = undefined;
		model.restartSince = undefined;
		if (force) {
			model.failWaiting(new AppError('CONFLICT', `The model "${model.spec.name}" was unloaded while this request waited for it; send it again to load it`));
			for (const ticket of model.running) ticket.cancel(false);
			if (model.isLoading) model.instance!.kill();
		}
		const { instance } = model;
		if (!instance) return;
		model.drain = 'unload';
		this.#arrange();
		await instance.ended;
	}

	/** Keeps a model from being evicted or unloaded for idleness, whatever its spec says; undefined asks the spec again. */
	pin(key: string, pinned: boolean | undefined): void {
		const model = this.#models.get(key);
		if (!model) return;
		model.pinned = pinned;
		this.#touch(model);
		this.#arrange();
	}

	/** Takes the options that hold from now on for a model it knows: an idle one is opened anew at once, a busy one when its answers have ended. */
	respec(spec: ModelSpec): void {
		const model = this.#models.get(spec.key);
		if (!model || isDeepStrictEqual(model.spec, spec)) return;
		model.spec = spec;
		this.#armIdle(model);
		this.#arrange();
	}

	/** Ends a model by force and forgets it: it is no longer registered. */
	async remove(key: string): Promise<void> {
		await this.unload(key, { force: true });
		this.#models.delete(key);
	}

	/** Erases what engines keep of a conversation, or without one of all of a user's. Resolves when none that is ending can still write it. */
	async forget(owner: StateOwner): Promise<void> {
		const instances = [...this.#models.values()].flatMap(({ instance }) => instance ?? []);
		for (const instance of instances) instance.forget(owner);
		await Promise.all(instances.map((instance) => (instance.phase === 'closing' ? instance.ended : undefined)));
	}

	/** New bounds of every line, also of those that are longer already. */
	limitQueues(limits: Pick<QueueLimits, 'total' | 'perUser'>): void {
		Object.assign(this.#queueLimits, limits);
	}

	/** Looks at who is loaded again, after a bound it asks for has changed. */
	rearrange(): void {
		this.#arrange();
	}

	/** What is known of each model that was ever asked for. Figures of engines are as old as the last heartbeat. */
	states(): ModelState[] {
		return [...this.#models.values()].map((model) => model.state);
	}

	/** The same, after every running engine was asked. */
	async statesNow(): Promise<ModelState[]> {
		// One that has just ended, or hangs, is not waited for: the heartbeat deals with it.
		const ready = [...this.#models.values()].filter((model) => model.instance?.phase === 'ready');
		await Promise.all(ready.map((model) => Promise.race([model.instance!.refreshStats().catch(() => undefined), sleep(1000, undefined, { ref: false })])));
		return this.states();
	}

	/** Ends everything: answers are cancelled, engines get `killAfterMs` to keep what they hold and end by themselves. */
	async close(killAfterMs = 2500): Promise<void> {
		this.#closed = true;
		this.#placement.stop();
		await Promise.all(
			[...this.#models.values()].map(async (model) => {
				clearTimeout(model.idleTimer);
				for (const ticket of [...model.queue.entries(), ...model.running]) this.#cancel(model, ticket);
				model.failWaiting(this.#stopping());
				await model.instance?.close(killAfterMs);
			})
		);
	}

	#stopping = (): AppError => new AppError('QUEUE_FULL', 'The server is stopping', { retryAfterSeconds: 5 });

	#model(spec: ModelSpec): PooledModel {
		if (this.#closed) throw this.#stopping();
		let model = this.#models.get(spec.key);
		if (!model) this.#models.set(spec.key, (model = new PooledModel(spec, this.#queueLimits)));
		model.spec = spec;
		return model;
	}

	#report(model: PooledModel, facts: PoolFacts): void {
		try {
			this.#onEvent({ key: model.spec.key, model: model.spec.name, ...facts });
		} catch (error) {
			// A listener's fault must not stop the pool halfway through a change.
			process.emitWarning(error as Error);
		}
	}

	#admit(model: PooledModel, request: PoolRequest): Ticket {
		const { queue, spec } = model;
		const refusal = model.refusalOf(request.user);
		if (refusal) {
			this.#report(model, { type: 'refused', user: request.user, depth: queue.size });
			throw refusal;
		}
		const ticket = new Ticket(spec, request, this.#now, (facts) => this.#report(model, facts));
		queue.add(ticket);
		this.#arrange();
		if (ticket.phase === 'waiting') this.#report(model, { type: 'queued', user: ticket.user, depth: queue.size });
		return ticket;
	}

	#cancel(model: PooledModel, ticket: Ticket): void {
		if (ticket.phase === 'done') return;
		const waited = ticket.phase === 'waiting' && model.queue.remove(ticket);
		ticket.cancel(model.isLoading);
		if (!waited) return;
		this.#dropUnwantedLoad(model);
		this.#arrange();
	}

	/** A load that was started for requests which have all gone is not finished for nobody. */
	#dropUnwantedLoad(model: PooledModel): void {
		if (model.isLoading && model.wantedSince === undefined) model.instance!.kill();
	}

	async #ready(model: PooledModel, signal: AbortSignal): Promise<Instance> {
		signal.throwIfAborted();
		if (model.isOpen && !model.isStale) return model.instance!;
		const { promise, resolve, reject } = Promise.withResolvers<Instance>();
		const loader: Loader = { since: this.#now(), resolve, reject };
		const leave = (): void => {
			model.loaders.delete(loader);
			reject(signal.reason);
			this.#dropUnwantedLoad(model);
			this.#arrange();
		};
		model.loaders.add(loader);
		signal.addEventListener('abort', leave, { once: true });
		this.#arrange();
		return promise.finally(() => signal.removeEventListener('abort', leave));
	}

	/** Brings everything to where it should be: slots to those who wait, places to models that are wanted, news to the rest. */
	#arrange(): void {
		if (this.#arranging) {
			this.#again = true;
			return;
		}
		this.#arranging = true;
		try {
			do {
				this.#again = false;
				for (const model of this.#models.values()) this.#giveSlots(model);
				this.#placement.arrange();
			} while (this.#again && !this.#closed);
		} finally {
			this.#arranging = false;
		}
		const now = this.#now();
		for (const model of this.#models.values()) model.tellWaiting(now);
	}

	#giveSlots(model: PooledModel): void {
		const { instance } = model;
		if (instance?.phase !== 'ready') return;
		if (model.running.size === 0 && model.drain === 'unload') return this.#placement.end(model, 'asked');
		if (model.running.size === 0 && model.isStale) {
			model.restartSince = this.#now();
			return this.#placement.end(model, 'options');
		}
		while (model.isOpen && model.running.size < instance.info!.slots) {
			const ticket = model.queue.next(model.runningByUser, this.#now());
			if (!ticket) break;
			void this.#run(model, instance, ticket);
		}
	}

	async #run(model: PooledModel, instance: Instance, ticket: Ticket): Promise<void> {
		model.running.add(ticket);
		this.#touch(model);
		ticket.granted();
		const { identity } = model.opened!;
		const outcome = await runTicket(instance, ticket, model.spec.progressTimeoutMs);
		model.running.delete(ticket);
		if (outcome === 'again') {
			ticket.waitAgain();
			model.queue.putBack(ticket);
		} else if (outcome !== 'error' && outcome !== 'cancelled') {
			this.#placement.answered(identity);
			model.noteServed(ticket.servedMs);
		}
		this.#touch(model);
		this.#arrange();
	}

	/** Notes a use, and sets the time at which an unused model is unloaded. */
	#touch(model: PooledModel): void {
		model.lastUsedAt = this.#now();
		this.#armIdle(model);
	}

	#armIdle(model: PooledModel): void {
		clearTimeout(model.idleTimer);
		const { idleUnloadMs } = model.spec;
		if (idleUnloadMs <= 0 || model.isPinned || model.running.size > 0) return;
		const leftMs = Math.max(0, model.lastUsedAt + idleUnloadMs - this.#now());
		const unloadIfIdle = (): void => {
			if (model.instance?.phase === 'ready' && model.running.size === 0) this.#placement.end(model, 'idle');
		};
		// setTimeout wraps above 2^31 ms.
		model.idleTimer = setTimeout(unloadIfIdle, Math.min(leftMs, 2 ** 31 - 1)).unref();
	}
}
