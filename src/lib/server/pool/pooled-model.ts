import { isDeepStrictEqual } from 'node:util';
import { AppError } from '../errors.ts';
import type { Place } from './eviction.ts';
import type { Inspection } from './inspect-model.ts';
import type { Instance } from './instance.ts';
import type { ModelPhase, ModelSpec, ModelState } from './model-spec.ts';
import { FairQueue, type QueueLimits } from './queue.ts';
import type { Ticket } from './ticket.ts';

/** Someone who waits for the model to be ready, without a request in its line. */
export type Loader = { since: number; resolve: (instance: Instance) => void; reject: (error: unknown) => void };

/** What the pool keeps of one model: its line, who runs, and its engine if it has one. It decides nothing. */
export class PooledModel {
	/** the latest that was asked for */
	spec: ModelSpec;
	readonly queue: FairQueue<Ticket>;
	readonly running = new Set<Ticket>();
	readonly loaders = new Set<Loader>();
	instance: Instance | undefined;
	/** what the instance was opened from */
	opened: { spec: ModelSpec; identity: string } | undefined;
	inspection: Inspection | 'running' | undefined;
	/** why it takes no new requests: another model's turn has come, or it shall end */
	drain: 'turn' | 'unload' | undefined;
	/** set while it shall be loaded although nobody asked: it was loaded, and its engine crashed or its options changed */
	restartSince: number | undefined;
	/** no load before this time: back-off after crashes */
	notBefore = 0;
	error: AppError | undefined;
	lastUsedAt = 0;
	/** overrides the spec */
	pinned: boolean | undefined;
	/** how long a request holds a slot, smoothed; milliseconds */
	serviceMs: number | undefined;
	idleTimer: NodeJS.Timeout | undefined;

	constructor(spec: ModelSpec, limits: QueueLimits) {
		this.spec = spec;
		this.queue = new FairQueue(limits);
	}

	get isPinned(): boolean {
		return this.pinned ?? this.spec.pinned ?? false;
	}

	get isLoading(): boolean {
		return this.instance?.phase === 'loading';
	}

	/** Ready and taking requests. */
	get isOpen(): boolean {
		return this.instance?.phase === 'ready' && this.drain === undefined;
	}

	/** Opened with other options than are asked for now. */
	get isStale(): boolean {
		const opened = this.opened?.spec;
		return opened !== undefined && (opened.path !== this.spec.path || !isDeepStrictEqual(opened.options, this.spec.options));
	}

	/** When the one who waits longest for this model came; undefined: nobody wants it. */
	get wantedSince(): number | undefined {
		const times = [this.queue.oldest, this.restartSince, ...[...this.loaders].map((loader) => loader.since)].filter((time) => time !== undefined);
		return times.length ? Math.min(...times) : undefined;
	}

	/** Someone waits, rather than that it merely was loaded before. */
	get isAskedFor(): boolean {
		return this.queue.size > 0 || this.loaders.size > 0;
	}

	/** Slots in use, by user. */
	get runningByUser(): Map<string, number> {
		const counts = new Map<string, number>();
		for (const { user } of this.running) counts.set(user, (counts.get(user) ?? 0) + 1);
		return counts;
	}

	/** Why its line takes no further request of this user. */
	refusalOf(user: string): AppError | undefined {
		const full = this.queue.fullFor(user);
		if (!full) return undefined;
		const { name } = this.spec;
		const retryAfterSeconds = Math.min(120, Math.max(1, Math.ceil((this.estimateMs(this.queue.size) ?? 5000) / 1000)));
		return full === 'user'
			? new AppError('TOO_MANY_STREAMS', `You have ${this.queue.limits.perUser} requests waiting for the model "${name}", the most that one user may have`, { retryAfterSeconds })
			: new AppError('QUEUE_FULL', `${this.queue.size} requests wait for the model "${name}", the most its line takes; try again in ${retryAfterSeconds} s`, { retryAfterSeconds });
	}

	/** Milliseconds until a request at this place (1 = next) gets a slot; undefined when nothing was measured yet. */
	estimateMs(position: number): number | undefined {
		return this.serviceMs === undefined ? undefined : Math.round((this.serviceMs * position) / (this.instance?.info?.slots ?? this.spec.options.slots));
	}

	noteServed(ms: number): void {
		this.serviceMs = this.serviceMs === undefined ? ms : this.serviceMs * 0.8 + ms * 0.2;
	}

	/** Tells everyone in the line where they stand. */
	tellWaiting(now: number): void {
		if (this.queue.size === 0) return;
		const { instance } = this;
		if (instance?.phase === 'loading') {
			const fraction = Math.round(instance.fraction * 20) / 20;
			for (const ticket of this.queue.entries()) ticket.tell({ type: 'progress', phase: 'loading', fraction });
			return;
		}
		this.queue.order(this.runningByUser, now).forEach((ticket, index) => {
			const estimateMs = this.estimateMs(index + 1);
			ticket.tell({ type: 'progress', phase: 'queued', position: index + 1, ...(estimateMs === undefined ? {} : { estimateMs }) });
		});
	}

	/** Ends everyone who waits. */
	failWaiting(error: unknown): void {
		for (let ticket = this.queue.next(new Map(), 0); ticket; ticket = this.queue.next(new Map(), 0)) ticket.fail(error);
		for (const loader of [...this.loaders]) loader.reject(error);
		this.loaders.clear();
	}

	/** Bytes its end would free, and bytes it may still grow by. An engine inside the server has no size of its own. */
	get bytes(): { held: number; growth: number } {
		const { instance } = this;
		if (!instance) return { held: 0, growth: 0 };
		const { estimatedBytes, launch, options } = instance.setup;
		const { rssBytes, kept } = instance.stats;
		const keptBytes = kept?.bytes ?? 0;
		// What conversations beside the slots may still take counts as growth, so that it is there when they come.
		const keepable = Math.max(0, (options.states?.memoryBytes ?? 0) - keptBytes);
		return { held: Math.max(estimatedBytes + keptBytes, rssBytes), growth: launch ? Math.max(0, estimatedBytes + keptBytes - rssBytes) + keepable : 0 };
	}

	get place(): Place | undefined {
		const { instance } = this;
		if (!instance || instance.phase === 'gone') return undefined;
		return {
			key: this.spec.key,
			phase: instance.phase,
			draining: this.drain !== undefined,
			slotsBusy: this.running.size,
			queued: this.queue.size,
			pinned: this.isPinned,
			lastUsedAt: this.lastUsedAt,
			readyAt: instance.readyAt,
			// What is kept free for its growth comes back too; its size may be as old as the last heartbeat, so this is an upper bound.
			bytes: this.bytes.held + this.bytes.growth
		};
	}

	get state(): ModelState {
		const { instance, error, spec } = this;
		const phases = { loading: 'loading', ready: 'running', closing: 'running', gone: 'stopped' } as const;
		const phase: ModelPhase = instance ? phases[instance.phase] : error ? 'error' : 'stopped';
		return {
			key: spec.key,
			name: spec.name,
			phase,
			...(error && phase === 'error' ? { error: error.message } : {}),
			...(phase === 'loading' ? { fraction: instance!.fraction } : {}),
			contextLength: instance?.info?.contextLength ?? 0,
			slots: instance?.info?.slots ?? 0,
			slotsBusy: this.running.size,
			engineBusy: instance?.stats.slotsBusy ?? 0,
			queued: this.queue.size,
			kvUsed: instance?.stats.kvUsed ?? 0,
			kvTotal: instance?.stats.kvTotal ?? 0,
			lastBatch: instance?.stats.lastBatch ?? 0,
			...(instance?.stats.kept ? { kept: instance.stats.kept } : {}),
			rssBytes: instance?.stats.rssBytes ?? 0,
			estimatedBytes: this.bytes.held,
			...(instance?.pid === undefined ? {} : { pid: instance.pid }),
			...(instance?.readyAt ? { loadedAt: new Date(instance.readyAt) } : {}),
			...(instance?.info ? { opened: instance.info.opened } : {}),
			...(this.lastUsedAt ? { lastUsedAt: new Date(this.lastUsedAt) } : {}),
			pinned: this.isPinned
		};
	}
}
