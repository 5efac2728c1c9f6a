import { appErrorOf, AppError, isAbort } from '../errors.ts';
import { CrashLedger } from './crash-ledger.ts';
import { EngineCrash, exitReason, type EngineExit } from './engine-exit.ts';
import type { EngineLaunch } from './engine-process.ts';
import type { EngineOptions } from './engine/protocol.ts';
import { decidePlacement } from './eviction.ts';
import { inspectModel, type Inspection } from './inspect-model.ts';
import { Instance, type InstanceLimits } from './instance.ts';
import { estimateMemory, explainMisfit, fitToMemory, leastSizes } from './memory.ts';
import type { PooledModel } from './pooled-model.ts';
import type { PoolFacts } from './pool-event.ts';

export type PlacementSetup = {
	models: ReadonlyMap<string, PooledModel>;
	/** undefined: engines run inside this process */
	launch: EngineLaunch | undefined;
	limits: InstanceLimits;
	maxLoaded: () => number;
	/** bytes that models may still take */
	freeBytes: () => number;
	turnMs: number;
	now: () => number;
	report: (model: PooledModel, facts: PoolFacts) => void;
	/** something about a model has changed */
	onChange: () => void;
	/** a model has become ready */
	onReady: (model: PooledModel) => void;
};

/** Crashes in a row after which those who wait are told, instead of waiting for yet another start. */
const crashesToWaitFor = 4;
/** How often a standing wish for a place is looked at again: other programs' memory, back-off and turns change by time alone. */
const lookAgainMs = 200;

/** Who is loaded: carries out what `decidePlacement` says, and what follows from a load or an engine's end. */
export class Placement {
	readonly #setup: PlacementSetup;
	readonly #ledger = new CrashLedger();
	#lookAgain: NodeJS.Timeout | undefined;
	#stopped = false;

	constructor(setup: PlacementSetup) {
		this.#setup = setup;
	}

	/** Takes decisions until there is nothing to do now. */
	arrange(): void {
		do clearTimeout(this.#lookAgain);
		while (!this.#stopped && this.#step());
	}

	/** No load begins after this. */
	stop(): void {
		this.#stopped = true;
		clearTimeout(this.#lookAgain);
	}

	/** Ends a loaded model; `model.instance` is empty once it is gone. */
	end(model: PooledModel, reason: 'asked' | 'idle' | 'options' | 'evicted'): void {
		clearTimeout(model.idleTimer);
		this.#setup.report(model, { type: 'unloaded', reason });
		void model.instance!.close();
	}

	/** The model gave a whole answer. */
	answered(identity: string): void {
		this.#ledger.answered(identity);
	}

	/** @returns whether something was done, after which there may be more to do */
	#step(): boolean {
		const { models, maxLoaded, now, turnMs, report } = this.#setup;
		const all = [...models.values()];
		const wanted = all.filter((model) => !model.instance && model.wantedSince !== undefined);
		if (wanted.length > 0) this.#lookAgain = setTimeout(this.#setup.onChange, lookAgainMs).unref();
		else this.#endTurns(all);
		for (const model of wanted) if (model.inspection === undefined) void this.#inspect(model);

		const due = wanted.flatMap((model) => {
			const { inspection, spec } = model;
			if (typeof inspection !== 'object' || now() < model.notBefore) return [];
			const bytesOf = (options: typeof spec.options): number => estimateMemory(inspection.shape, options).total;
			return { key: spec.key, since: model.wantedSince!, optional: !model.isAskedFor, bytes: bytesOf(spec.options), leastBytes: bytesOf(leastSizes(spec.options)) };
		});
		const places = all.flatMap((model) => model.place ?? []);
		if (due.length === 0 && places.length <= maxLoaded()) return false;

		const freeBytes = this.#setup.freeBytes() - all.reduce((sum, model) => sum + model.bytes.growth, 0);
		const decision = decidePlacement({ places, wanted: due, maxLoaded: maxLoaded(), freeBytes, now: now(), turnMs });
		if (decision.do === 'nothing') return false;
		const model = models.get(decision.key)!;
		switch (decision.do) {
			case 'load':
				void this.#load(model, model.inspection as Inspection, freeBytes);
				break;
			case 'forgo':
				model.restartSince = undefined;
				break;
			case 'evict':
				report(model, { type: 'evicted', inFavourOf: decision.inFavourOf === undefined ? null : models.get(decision.inFavourOf)!.spec.name });
				this.end(model, 'evicted');
				break;
			case 'drain':
				model.drain = 'turn';
				break;
			case 'refuse':
				this.#failed(model, this.#misfit(model, decision.reachableBytes));
		}
		return true;
	}

	/** Nobody waits for a place any more: models that were to give theirs up go on. */
	#endTurns(all: PooledModel[]): void {
		const draining = all.filter((model) => model.drain === 'turn');
		for (const model of draining) model.drain = undefined;
		if (draining.length > 0) this.#setup.onChange();
	}

	#misfit({ spec, inspection }: PooledModel, reachableBytes: number | undefined): AppError {
		const message =
			reachableBytes === undefined
				? `The model "${spec.name}" can't be loaded: all ${this.#setup.maxLoaded()} places are taken by pinned models; unpin one or allow more`
				: explainMisfit(spec.name, (inspection as Inspection).shape, spec.options, reachableBytes);
		return new AppError('MODEL_DOES_NOT_FIT', message, { retryAfterSeconds: 60 });
	}

	async #inspect(model: PooledModel): Promise<void> {
		model.inspection = 'running';
		try {
			const inspection = await inspectModel(model.spec);
			const reason = this.#ledger.quarantine(inspection.identity);
			if (reason !== undefined) throw setAside(model.spec.name, reason);
			model.inspection = inspection;
		} catch (error) {
			this.#failed(model, error);
		}
		this.#setup.onChange();
	}

	async #load(model: PooledModel, { identity, shape }: Inspection, freeBytes: number): Promise<void> {
		const { launch, limits, now, report, onChange, onReady } = this.#setup;
		const { spec } = model;
		// decidePlacement has seen that at least the smallest fits.
		const { options: fitted, estimate } = fitToMemory(shape, spec.options, freeBytes)!;
		const options = withStates(fitted, freeBytes - estimate.total);
		const instance = new Instance({
			name: spec.name,
			options: { ...options, modelPath: spec.path },
			launch,
			limits,
			loadTimeoutMs: spec.loadTimeoutMs,
			estimatedBytes: estimate.total,
			now,
			onLoading: () => model.tellWaiting(now()),
			onGone: (exit) => this.#gone(model, exit)
		});
		model.instance = instance;
		model.opened = { spec, identity };
		model.inspection = undefined;
		model.drain = undefined;
		report(model, { type: 'loadStarted', contextLength: options.contextLength, slots: options.slots, estimatedBytes: estimate.total });
		try {
			const info = await instance.open();
			model.error = undefined;
			model.restartSince = undefined;
			report(model, { type: 'loadFinished', loadMs: info.loadMs, contextLength: info.contextLength, slots: info.slots, ...(instance.pid === undefined ? {} : { pid: instance.pid }) });
			onReady(model);
		} catch (error) {
			model.instance = undefined;
			if (isAbort(error)) report(model, { type: 'loadCancelled' });
			else if (error instanceof EngineCrash) this.#crashed(model, error.exit, 0);
			else this.#failed(model, error);
		}
		onChange();
	}

	/** A ready engine has ended: asked to (then without an exit), or not. */
	#gone(model: PooledModel, exit: EngineExit | undefined): void {
		clearTimeout(model.idleTimer);
		const ranMs = this.#setup.now() - model.instance!.readyAt;
		model.instance = undefined;
		model.drain = undefined;
		if (!exit) this.#setup.report(model, { type: 'ended' });
		else if (!this.#stopped) {
			model.restartSince = this.#setup.now();
			this.#crashed(model, exit, ranMs);
		}
		this.#setup.onChange();
	}

	#crashed(model: PooledModel, exit: EngineExit, ranMs: number): void {
		const { report, now } = this.#setup;
		const { quarantined, crashes, delayMs } = this.#ledger.crashed(model.opened!.identity, exit, ranMs);
		const reason = exitReason(exit);
		report(model, { type: 'crashed', stuck: exit.stuck, reason, lastLines: exit.lastLines, runningRequests: model.running.size, restartInMs: delayMs });
		model.notBefore = now() + delayMs;
		if (quarantined) {
			report(model, { type: 'quarantined', reason });
			this.#failed(model, setAside(model.spec.name, reason, exit.lastLines));
		} else if (crashes >= crashesToWaitFor) {
			this.#failed(model, new AppError(ranMs > 0 ? 'ENGINE_CRASHED' : 'MODEL_LOAD_ERROR', `The engine of the model "${model.spec.name}" ended ${crashes} times in a row (${reason})`, { details: exit.lastLines || undefined }));
		}
	}

	/** Ends everyone who waits for this model. */
	#failed(model: PooledModel, thrown: unknown): void {
		const error = appErrorOf(thrown) ?? new AppError('MODEL_LOAD_ERROR', `The model "${model.spec.name}" could not be loaded because of an internal error`, { cause: thrown });
		model.inspection = undefined;
		model.restartSince = undefined;
		model.error = error;
		this.#setup.report(model, { type: 'loadFailed', code: error.code, message: error.message, ...(error.details === undefined ? {} : { details: error.details }) });
		model.failWaiting(error);
	}
}

/** An engine may keep beside its slots what is asked for, but no more than a part of what is left: another model matters more. */
function withStates<T extends Pick<EngineOptions, 'states'>>(options: T, leftBytes: number): T {
	return options.states ? { ...options, states: { ...options.states, memoryBytes: Math.max(0, Math.min(options.states.memoryBytes, Math.floor(leftBytes / 8))) } } : options;
}

const setAside = (name: string, reason: string, details?: string): AppError =>
	new AppError('MODEL_LOAD_ERROR', `The model "${name}" was set aside: its file ended the engine twice (${reason}) before a first answer. Replace the file; a changed file is tried again`, {
		details: details || undefined
	});
