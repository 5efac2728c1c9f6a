import { resolve } from 'node:path';
import type { ChatEvent, FinishReason } from '../../contract/chat.ts';
import { AppError, appErrorOf, isAbort } from '../errors.ts';
import { CrashLedger } from './crash-ledger.ts';
import { EngineCrash, exitReason, type EngineExit } from './engine-exit.ts';
import { decidePlacement } from './eviction.ts';
import { freeMemory, memoryReserve } from './free-memory.ts';
import { inspectModel } from './inspect-model.ts';
import { Instance, type InstanceLimits } from './instance.ts';
import { estimateMemory, explainMisfit, fitToMemory, leastSizes } from './memory.ts';
import type { ModelSpec, ModelState, PoolRequest } from './model-spec.ts';
import { PooledModel, type Loader } from './pooled-model.ts';
import type { PoolEvent, PoolFacts } from './pool-event.ts';
import type { QueueLimits } from './queue.ts';
import { Ticket } from './ticket.ts';

export type PoolOptions = {
	/** process: an engine process for each model; none: engines run inside this process */
	isolation: 'process' | 'none';
	/** the project's folder */
	root?: string;
	/** the child's entry file */
	entry?: string;
	/** the child's whole environment (PATH and HOME) */
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

const defaultLimits: InstanceLimits = { heartbeatMs: 5000, stuckMs: 15_000, killAfterMs: 5000 };
const defaultQueue: QueueLimits = { total: 256, perUser: 64, batchAgeMs: 60_000 };
/** Crashes in a row after which those who wait are told, instead of waiting for yet another start. */
const crashesToWaitFor = 4;
/** How often a standing wish for a place is looked at again: memory of other programs, back-off and turns change by time alone. */
const lookAgainMs = 200;

/** The child's entry: built into one file beside the app, run from source with types stripped otherwise. */
const childEntry = (root: string): string => resolve(root, import.meta.env?.PROD ? 'build/engine.js' : 'src/lib/server/pool/engine/child.ts');

/**
 * Loaded models and who may use them: admits requests into each model's line, decides who is loaded, gives out slots,
 * and survives what engines do. See design.md for the states.
 */
export class Pool {
	readonly #options: Required<Omit<PoolOptions, 'root' | 'limits' | 'queue'>> & { limits: InstanceLimits; queue: QueueLimits };
	readonly #models = new Map<string, PooledModel>();
	readonly #ledger = new CrashLedger();
	#closed = false;
	#arranging = false;
	#again = false;
	#lookAgain: NodeJS.Timeout | undefined;

	constructor({ root = process.cwd(), limits, queue, ...options }: PoolOptions) {
		this.#options = {
			entry: childEntry(root),
			env: {},
			onEvent: () => undefined,
			now: () => performance.timeOrigin + performance.now(),
			freeBytes: () => freeMemory() - memoryReserve(),
			turnMs: 10_000,
			...options,
			limits: { ...defaultLimits, ...limits },
			queue: { ...defaultQueue, ...queue }
		};
	}

	/**
	 * One answer: progress while it waits, then the engine's events with the times of `usage` counted from this call; `finish` is last.
	 * Aborting the signal, or leaving the loop, cancels at once in every phase; the stream then ends with finish 'cancelled'.
	 * A failure after the first piece of the answer is an `error` event and finish 'error'.
	 * @throws AppError when it fails before: QUEUE_FULL, TOO_MANY_STREAMS, MODEL_LOAD_ERROR, MODEL_DOES_NOT_FIT, ENGINE_CRASHED, TIMEOUT, the engine's own
	 */
	async *stream(spec: ModelSpec, request: PoolRequest, signal: AbortSignal): AsyncGenerator<ChatEvent, void, void> {
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
		const model = this.#model(spec);
		const instance = model.isOpen ? model.instance! : await this.#ready(model, signal);
		this.#touch(model);
		return instance.countPrompt(request, signal);
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

	/** What is known of each model that was ever asked for. Figures of engines are as old as the last heartbeat. */
	states(): ModelState[] {
		return [...this.#models.values()].map((model) => model.state);
	}

	/** Ends everything: answers are cancelled, engines get `killAfterMs` to end by themselves. */
	async close(killAfterMs = 800): Promise<void> {
		this.#closed = true;
		clearTimeout(this.#lookAgain);
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
		if (!model) this.#models.set(spec.key, (model = new PooledModel(spec, this.#options.queue)));
		model.spec = spec;
		return model;
	}

	#report(model: PooledModel, facts: PoolFacts): void {
		this.#options.onEvent({ key: model.spec.key, model: model.spec.name, ...facts });
	}

	#admit(model: PooledModel, request: PoolRequest): Ticket {
		const { queue, spec } = model;
		const full = queue.fullFor(request.user);
		if (full) {
			this.#report(model, { type: 'refused', user: request.user, depth: queue.size });
			const retryAfterSeconds = Math.min(120, Math.max(1, Math.ceil((model.estimateMs(queue.size) ?? 5000) / 1000)));
			if (full === 'user') throw new AppError('TOO_MANY_STREAMS', `You have ${queue.limits.perUser} requests waiting for the model "${spec.name}", the most that one user may have`, { retryAfterSeconds });
			throw new AppError('QUEUE_FULL', `${queue.size} requests wait for the model "${spec.name}", the most its line takes; try again in ${retryAfterSeconds} s`, { retryAfterSeconds });
		}
		const ticket = new Ticket(spec, request, this.#options.now, (facts) => this.#report(model, facts));
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
		const loader: Loader = { since: this.#options.now(), resolve, reject };
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
		do {
			this.#again = false;
			for (const model of this.#models.values()) this.#giveSlots(model);
			this.#place();
		} while (this.#again && !this.#closed);
		this.#arranging = false;
		const now = this.#options.now();
		for (const model of this.#models.values()) model.tellWaiting(now);
	}

	#giveSlots(model: PooledModel): void {
		const { instance } = model;
		if (instance?.phase !== 'ready') return;
		if (model.running.size === 0 && model.drain === 'unload') return this.#end(model, 'asked');
		if (model.running.size === 0 && model.isStale) {
			model.restartSince = this.#options.now();
			return this.#end(model, 'options');
		}
		while (model.isOpen && model.running.size < instance.info!.slots) {
			const ticket = model.queue.next(model.runningByUser, this.#options.now());
			if (!ticket) break;
			void this.#run(model, instance, ticket);
		}
	}

	/** Carries one answer from the engine to its reader. A slow reader holds no slot: what he has not read yet is kept for him. */
	async #run(model: PooledModel, instance: Instance, ticket: Ticket): Promise<void> {
		model.running.add(ticket);
		this.#touch(model);
		ticket.granted();
		const { identity } = model.opened!;
		let begun = false;
		let reason: FinishReason = 'error';
		try {
			for await (const event of instance.generate(ticket.request, ticket.signal)) {
				begun = true;
				if (event.type === 'finish') reason = event.reason;
				ticket.deliver(event);
			}
			ticket.end(reason);
		} catch (error) {
			// Given to an engine that ended before it said a word of it: the next one may have it, once.
			const again = error instanceof EngineCrash && !begun && !ticket.retried && !ticket.signal.aborted && !this.#closed;
			if (again) {
				ticket.waitAgain();
				model.queue.putBack(ticket);
			} else if (ticket.signal.aborted) ticket.endCancelled();
			else ticket.fail(error);
		}
		model.running.delete(ticket);
		if (reason === 'stop' || reason === 'length' || reason === 'tool_calls') {
			this.#ledger.answered(identity);
			model.noteServed(ticket.servedMs);
		}
		this.#touch(model);
		this.#arrange();
	}

	/** Takes decisions about places until there is nothing to do now. */
	#place(): void {
		clearTimeout(this.#lookAgain);
		while (!this.#closed) {
			const wanted = [...this.#models.values()].filter((model) => !model.instance && model.wantedSince !== undefined);
			if (wanted.length > 0) this.#lookAgain = setTimeout(() => this.#arrange(), lookAgainMs).unref();
			else this.#endTurns();
			if (!this.#placeOne(wanted)) return;
			clearTimeout(this.#lookAgain);
		}
	}

	/** @returns whether something was done after which there may be more to do */
	#placeOne(wanted: PooledModel[]): boolean {
		const now = this.#options.now();
		for (const model of wanted) if (model.inspection === undefined) void this.#inspect(model);
		const models = [...this.#models.values()];
		const places = models.flatMap((model) => model.place ?? []);
		const due = wanted.flatMap((model) => {
			const { inspection, spec } = model;
			if (typeof inspection !== 'object' || now < model.notBefore) return [];
			const bytes = estimateMemory(inspection.shape, spec.options).total;
			return { key: spec.key, since: model.wantedSince!, bytes, leastBytes: estimateMemory(inspection.shape, leastSizes(spec.options)).total };
		});
		if (due.length === 0 && places.length <= this.#options.maxLoaded()) return false;
		const freeBytes = this.#options.freeBytes() - models.reduce((sum, model) => sum + model.bytes.growth, 0);
		const decision = decidePlacement({ places, wanted: due, maxLoaded: this.#options.maxLoaded(), freeBytes, now, turnMs: this.#options.turnMs });
		if (decision.do === 'nothing') return false;
		const model = this.#models.get(decision.key)!;
		switch (decision.do) {
			case 'load':
				void this.#load(model, freeBytes);
				break;
			case 'evict': {
				const favoured = decision.inFavourOf === undefined ? undefined : this.#models.get(decision.inFavourOf)!;
				this.#report(model, { type: 'evicted', inFavourOf: favoured?.spec.name ?? '' });
				this.#end(model, 'evicted');
				break;
			}
			case 'drain':
				model.drain = 'turn';
				break;
			case 'refuse':
				this.#refuse(model, decision.because, freeBytes + places.reduce((sum, place) => sum + (place.pinned ? 0 : place.bytes), 0));
		}
		return true;
	}

	#refuse(model: PooledModel, because: 'pinned' | 'memory', reachableBytes: number): void {
		const { spec, inspection } = model;
		const message =
			because === 'pinned'
				? `The model "${spec.name}" can't be loaded: all ${this.#options.maxLoaded()} places are taken by pinned models; unpin one or allow more`
				: explainMisfit(spec.name, (inspection as { shape: NonNullable<ModelSpec['shape']> }).shape, spec.options, reachableBytes);
		this.#loadFailed(model, new AppError('MODEL_DOES_NOT_FIT', message, { retryAfterSeconds: 60 }));
	}

	/** Nobody waits for a place any more: models that were to give theirs up go on. */
	#endTurns(): void {
		for (const model of this.#models.values())
			if (model.drain === 'turn') {
				model.drain = undefined;
				this.#again = true;
			}
	}

	async #inspect(model: PooledModel): Promise<void> {
		model.inspection = 'running';
		try {
			const inspection = await inspectModel(model.spec);
			const quarantine = this.#ledger.quarantine(inspection.identity);
			if (quarantine !== undefined) throw quarantineError(model.spec.name, quarantine);
			model.inspection = inspection;
		} catch (error) {
			this.#loadFailed(model, error);
		}
		this.#arrange();
	}

	#loadFailed(model: PooledModel, thrown: unknown): void {
		const error = appErrorOf(thrown) ?? new AppError('MODEL_LOAD_ERROR', `The model "${model.spec.name}" could not be loaded because of an internal error`, { cause: thrown });
		model.inspection = undefined;
		model.restartSince = undefined;
		model.error = error;
		this.#report(model, { type: 'loadFailed', code: error.code, message: error.message, ...(error.details === undefined ? {} : { details: error.details }) });
		model.failWaiting(error);
	}

	async #load(model: PooledModel, freeBytes: number): Promise<void> {
		const { spec } = model;
		const { identity, shape } = model.inspection as Exclude<PooledModel['inspection'], string | undefined>;
		const fit = fitToMemory(shape, spec.options, freeBytes)!;
		const { isolation, entry, env, limits, now } = this.#options;
		const instance = new Instance({
			name: spec.name,
			options: { ...fit.options, modelPath: spec.path },
			launch: isolation === 'process' ? { entry, env } : undefined,
			limits,
			loadTimeoutMs: spec.loadTimeoutMs,
			progressTimeoutMs: spec.progressTimeoutMs,
			estimatedBytes: fit.estimate.total,
			now,
			onLoading: () => model.tellWaiting(now()),
			onGone: (exit) => this.#gone(model, exit)
		});
		model.instance = instance;
		model.opened = { spec, identity };
		model.inspection = undefined;
		model.drain = undefined;
		const { contextLength, slots } = fit.options;
		this.#report(model, { type: 'loadStarted', contextLength, slots, estimatedBytes: fit.estimate.total });
		try {
			const info = await instance.open();
			model.error = undefined;
			model.restartSince = undefined;
			this.#report(model, { type: 'loadFinished', loadMs: info.loadMs, contextLength: info.contextLength, slots: info.slots, ...(instance.pid === undefined ? {} : { pid: instance.pid }) });
			for (const loader of model.loaders) loader.resolve(instance);
			model.loaders.clear();
			this.#touch(model);
		} catch (error) {
			model.instance = undefined;
			if (isAbort(error)) this.#report(model, { type: 'loadCancelled' });
			else if (error instanceof EngineCrash) this.#crashed(model, error.exit, 'loading');
			else this.#loadFailed(model, error);
		}
		this.#arrange();
	}

	#gone(model: PooledModel, exit: EngineExit | undefined): void {
		clearTimeout(model.idleTimer);
		model.instance = undefined;
		model.drain = undefined;
		if (exit && !this.#closed) this.#crashed(model, exit, 'running');
		this.#arrange();
	}

	#crashed(model: PooledModel, exit: EngineExit, during: 'loading' | 'running'): void {
		const { quarantined, crashes, delayMs } = this.#ledger.crashed(model.opened!.identity, exit);
		const reason = exitReason(exit) + (exit.lastLines ? `: ${exit.lastLines}` : '');
		this.#report(model, { type: 'crashed', stuck: exit.stuck, reason, runningRequests: model.running.size, restartInMs: delayMs });
		model.notBefore = this.#options.now() + delayMs;
		if (quarantined) {
			this.#report(model, { type: 'quarantined', reason });
			this.#loadFailed(model, quarantineError(model.spec.name, exitReason(exit), exit.lastLines));
		} else if (crashes >= crashesToWaitFor) {
			this.#loadFailed(model, new AppError(during === 'loading' ? 'MODEL_LOAD_ERROR' : 'ENGINE_CRASHED', `The engine of the model "${model.spec.name}" ended ${crashes} times in a row (${exitReason(exit)})`, { details: exit.lastLines }));
		} else if (during === 'running') model.restartSince = this.#options.now();
	}

	#end(model: PooledModel, reason: 'asked' | 'idle' | 'options' | 'evicted'): void {
		clearTimeout(model.idleTimer);
		this.#report(model, { type: 'unloaded', reason });
		void model.instance!.close();
	}

	/** Notes a use, and sets the time at which an unused model is unloaded. */
	#touch(model: PooledModel): void {
		clearTimeout(model.idleTimer);
		model.lastUsedAt = this.#options.now();
		const { idleUnloadMs } = model.spec;
		if (idleUnloadMs <= 0 || model.isPinned || model.running.size > 0) return;
		const unloadIfIdle = (): void => {
			if (model.instance?.phase === 'ready' && model.running.size === 0) this.#end(model, 'idle');
		};
		// setTimeout wraps above 2^31 ms.
		model.idleTimer = setTimeout(unloadIfIdle, Math.min(idleUnloadMs, 2 ** 31 - 1)).unref();
	}
}

const quarantineError = (name: string, reason: string, details?: string): AppError =>
	new AppError('MODEL_LOAD_ERROR', `The model "${name}" was set aside: its file ended the engine twice (${reason}) before a first answer. Replace the file; a changed file is tried again`, { details });
