import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../errors.ts';
import type { EngineExit } from './engine-exit.ts';
import { EngineProcess, type EngineLaunch } from './engine-process.ts';
import type { Engine, EngineEvent, EngineInfo, EngineOptions, EngineStats, GenerateRequest } from './engine/protocol.ts';
import type { StateOwner } from './engine/state-files.ts';
import { isFrozen } from './process-state.ts';

export type InstanceLimits = {
	/** milliseconds between two looks at an engine */
	heartbeatMs: number;
	/** milliseconds without an answer after which it is looked at whether its process was stopped; one that is merely busy is left alone */
	suspectMs: number;
	/** milliseconds without an answer after which an engine counts as stuck, whatever it does */
	stuckMs: number;
	/** milliseconds a graceful end may take before the process is killed */
	killAfterMs: number;
};

export type InstanceSetup = {
	/** name for messages */
	name: string;
	options: EngineOptions;
	/** undefined: the engine runs inside this process */
	launch: EngineLaunch | undefined;
	limits: InstanceLimits;
	loadTimeoutMs: number;
	/** bytes the pool counts for it */
	estimatedBytes: number;
	now: () => number;
	onLoading: (fraction: number) => void;
	/** the engine has ended after it was ready, asked or not */
	onGone: (exit: EngineExit | undefined) => void;
};

/** Reading a prompt reports once per batch, which takes far longer than a token does. */
const promptPatience = 10;

const noStats: EngineStats = { slotsBusy: 0, kvUsed: 0, kvTotal: 0, rssBytes: 0, lastBatch: 0 };

/** One loaded model: opens its engine, watches that it lives and moves, and ends it. It is used for one load and not again. */
export class Instance {
	readonly setup: InstanceSetup;
	phase: 'loading' | 'ready' | 'closing' | 'gone' = 'loading';
	/** 0–1 */
	fraction = 0;
	stats: EngineStats = noStats;
	readyAt = 0;
	#engine: Engine | undefined;
	#process: EngineProcess | undefined;
	#stop = new AbortController();
	#ended = Promise.withResolvers<void>();

	constructor(setup: InstanceSetup) {
		this.setup = setup;
	}

	get info(): EngineInfo | undefined {
		return this.#engine?.info;
	}

	get pid(): number | undefined {
		return this.#process?.pid;
	}

	/** @throws AppError (the engine's own, TIMEOUT), EngineCrash, or AbortError after `kill` */
	async open(): Promise<EngineInfo> {
		const { loadTimeoutMs, name } = this.setup;
		const overdue = setTimeout(
			() => this.#stop.abort(new AppError('TIMEOUT', `Loading the model "${name}" took longer than ${loadTimeoutMs / 1000} s; raise the load time-out or use a smaller model`)),
			loadTimeoutMs
		);
		void this.#watchLoad();
		try {
			this.#engine = await this.#openEngine(this.#stop.signal);
			// Who is placed next depends on what this one has taken.
			const stopped = once(this.#stop.signal, 'abort').then(() => Promise.reject(this.#stop.signal.reason as Error));
			this.stats = await Promise.race([this.#engine.stats(), stopped]);
			this.phase = 'ready';
			this.readyAt = this.setup.now();
			void this.#process?.gone.then((exit) => this.#end(exit));
			void this.#watch();
			return this.#engine.info;
		} catch (error) {
			this.phase = 'gone';
			this.#process?.kill();
			this.#ended.resolve();
			throw error;
		} finally {
			clearTimeout(overdue);
		}
	}

	/**
	 * The engine's events; at most `progressTimeoutMs` pass between two once the answer has begun. Aborting reaches the engine at once, whether or not anyone reads.
	 * @throws AppError: the engine's own before its first event, TIMEOUT without progress, EngineCrash
	 */
	async *generate(request: GenerateRequest, progressTimeoutMs: number, signal: AbortSignal): AsyncGenerator<EngineEvent, void, void> {
		const { name } = this.setup;
		const stalled = new AbortController();
		let patienceMs = progressTimeoutMs * promptPatience;
		let timer: NodeJS.Timeout | undefined;
		const onStall = (): void => {
			// Asked to stop and still silent for as long again: its slot will never come back by itself.
			if (stalled.signal.aborted || signal.aborted) return this.#process?.kill('stuck');
			stalled.abort();
			timer = setTimeout(onStall, progressTimeoutMs);
		};
		const restart = (): void => {
			clearTimeout(timer);
			timer = setTimeout(onStall, signal.aborted ? progressTimeoutMs : patienceMs);
		};
		signal.addEventListener('abort', restart, { once: true });
		restart();
		try {
			for await (const event of this.#ready().generate(request, AbortSignal.any([signal, stalled.signal]))) {
				if (stalled.signal.aborted) continue;
				if (event.type !== 'progress') patienceMs = progressTimeoutMs;
				restart();
				yield event;
			}
		} catch (error) {
			if (!stalled.signal.aborted) throw error;
		} finally {
			clearTimeout(timer);
			signal.removeEventListener('abort', restart);
		}
		if (stalled.signal.aborted) throw new AppError('TIMEOUT', `The model "${name}" produced nothing for ${patienceMs / 1000} s; the answer was stopped`);
	}

	async countPrompt(request: Pick<GenerateRequest, 'messages' | 'prompt' | 'options'>, signal: AbortSignal): Promise<number> {
		return this.#ready().countPrompt(request, signal);
	}

	async tokenize(text: string): Promise<number[]> {
		return this.#ready().tokenize(text);
	}

	async detokenize(tokens: number[]): Promise<string> {
		return this.#ready().detokenize(tokens);
	}

	/** Erases what the engine keeps of a conversation, or of a user's; also while it ends. */
	forget(owner: StateOwner): void {
		this.#engine?.forget(owner);
	}

	/** Looks at the engine now. */
	async refreshStats(): Promise<EngineStats> {
		return (this.stats = await this.#ready().stats());
	}

	/** Ends the engine: gracefully, and by force when that takes longer than allowed. Resolves when it is gone. */
	async close(killAfterMs: number = this.setup.limits.killAfterMs): Promise<void> {
		if (this.phase === 'loading') this.kill();
		else if (this.phase === 'ready') {
			this.phase = 'closing';
			void this.#engine!.close().then(() => this.#end(undefined), () => this.#end(undefined));
		}
		const force = setTimeout(() => {
			this.#process?.kill();
			// Inside the server nothing can be killed: what does not end is left behind.
			if (!this.#process) this.#end(undefined);
		}, killAfterMs);
		await this.#ended.promise;
		clearTimeout(force);
	}

	/** Ends a load, or a running engine, at once. */
	kill(): void {
		this.#stop.abort(new DOMException('The load was cancelled', 'AbortError'));
		this.#process?.kill();
	}

	#ready(): Engine {
		if (!this.#engine || this.phase !== 'ready') throw new Error('The engine is not running');
		return this.#engine;
	}

	async #openEngine(signal: AbortSignal): Promise<Engine> {
		const { options, launch, onLoading } = this.setup;
		const progress = (fraction: number): void => onLoading((this.fraction = fraction));
		if (!launch) return (await import('./engine/engine.ts')).openEngine(options, progress, signal);
		this.#process = new EngineProcess(options, launch, progress);
		await this.#process.opened(signal);
		return this.#process;
	}

	#end(exit: EngineExit | undefined): void {
		if (this.phase === 'gone') return;
		const asked = this.phase === 'closing';
		this.phase = 'gone';
		this.#stop.abort();
		this.#ended.resolve();
		this.setup.onGone(asked ? undefined : exit);
	}

	/** Resolves when the engine is gone, or was never there. */
	get ended(): Promise<void> {
		return this.#ended.promise;
	}

	/** Asks for a sign of life as long as the engine runs; one that gives none is killed, which ends its answers as a crash. */
	async #watch(): Promise<void> {
		while (this.phase === 'ready' && !this.#stop.signal.aborted) {
			const fault = await this.#look();
			if (fault === 'gone') return;
			if (fault) return this.#process?.kill(fault);
			await this.#pause(this.setup.limits.heartbeatMs);
		}
	}

	/** What is wrong with the engine. An engine that computes may be late; one whose process was stopped never comes back. */
	async #look(): Promise<'gone' | 'frozen' | 'stuck' | undefined> {
		const { suspectMs, stuckMs } = this.setup.limits;
		const asked = performance.now();
		const answer = this.refreshStats().then(() => 'alive' as const, () => 'gone' as const);
		for (let waited = 0; waited < stuckMs; waited = performance.now() - asked) {
			const said = await Promise.race([answer, sleep(Math.min(suspectMs, stuckMs - waited), 'late' as const, { ref: false })]);
			if (said !== 'late') return said === 'gone' ? said : undefined;
			// When this process itself slept (a suspended machine), the time says nothing about the engine.
			if (performance.now() - asked > stuckMs * 1.5) return undefined;
			if (this.#process?.pid !== undefined && (await isFrozen(this.#process.pid))) return 'frozen';
		}
		return 'stuck';
	}

	/** A loading engine answers nothing, and may take minutes; but one whose process was stopped will never be done. */
	async #watchLoad(): Promise<void> {
		const { heartbeatMs, suspectMs } = this.setup.limits;
		for (let frozen = false; this.phase === 'loading' && !this.#stop.signal.aborted; ) {
			await this.#pause(frozen ? suspectMs : heartbeatMs);
			const before = frozen;
			frozen = this.#process?.pid !== undefined && (await isFrozen(this.#process.pid));
			if (before && frozen && this.phase === 'loading') return this.#process?.kill('frozen');
		}
	}

	async #pause(ms: number): Promise<void> {
		await sleep(ms, undefined, { ref: false, signal: this.#stop.signal }).catch(() => undefined);
	}
}
