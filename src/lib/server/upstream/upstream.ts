import type { ChatEvent, ChatRequest } from '../../contract/chat.ts';
import type { UpstreamKind } from '../../contract/upstreams.ts';
import { AppError } from '../errors.ts';
import { events } from '../events.ts';
import { logger } from '../logs/logger.ts';
import { Breaker } from './breaker.ts';
import { UpstreamFailure, timedOut, unavailable } from './failure.ts';
import { lmStudio } from './lm-studio.ts';
import { openAiCompatible } from './openai-compatible.ts';
import type { Embedded, EmbeddingInput, Provider, UpstreamAddress, UpstreamLimits, UpstreamModel } from './provider.ts';

const log = logger('upstream');

export type UpstreamSettings = UpstreamAddress & { id: string; kind: UpstreamKind; enabled: boolean };
export type Health = 'unknown' | 'up' | 'down';

/** Milliseconds: between probes, a probe's own limit, and how old a probe may be that answers a question. */
const probing = { everyMs: 5000, againMs: 2000, limitMs: 2500, freshMs: 1000, askMs: 250, firstAskMs: 2000 };

/** One server of others: probed while it is enabled, and counted on only while it answers. */
export class Upstream {
	readonly settings: UpstreamSettings;
	readonly breaker = new Breaker();
	health: Health = 'unknown';
	/** milliseconds the last good probe took */
	latencyMs: number | null = null;
	/** what the last probe found wrong */
	error: string | null = null;
	/** what the server itself said of it: foreign text, for administrators */
	said: string | null = null;
	/** the last probe's end */
	checkedAt: Date | null = null;
	/** of the last good probe; kept while down, for whoever looks it up there */
	models: UpstreamModel[] = [];
	/** answers under way */
	active = 0;
	readonly #provider: Provider;
	readonly #stopped = new AbortController();
	readonly #firstSeen = new Map<string, number>();
	#probe: Promise<void> | undefined;
	#timer: NodeJS.Timeout | undefined;
	#slowProbes = 0;
	/** requests without a first event that would rather go elsewhere when this server is found dead */
	readonly #movable = new Set<AbortController>();

	constructor(settings: UpstreamSettings) {
		this.settings = settings;
		this.#provider = (settings.kind === 'lm-studio' ? lmStudio : openAiCompatible)(settings);
	}

	get name(): string {
		return this.settings.name;
	}

	/** Probes now and from time to time until {@link stop}. */
	start(): void {
		const round = () => void this.probe().then(() => {
			if (this.#stopped.signal.aborted) return;
			this.#timer = setTimeout(round, this.health === 'up' && this.#slowProbes === 0 ? probing.everyMs : probing.againMs);
			this.#timer.unref();
		});
		round();
	}

	stop(): void {
		this.#stopped.abort();
		clearTimeout(this.#timer);
	}

	/** Asks for its models, which never loads one; at most one such question is under way. Never throws. */
	probe(): Promise<void> {
		return (this.#probe ??= this.#ask().finally(() => (this.#probe = undefined)));
	}

	/** Waits, briefly, until what is known is at most `maxAgeMs` old. */
	async refresh(signal: AbortSignal, maxAgeMs: number = probing.freshMs): Promise<void> {
		if (this.checkedAt && Date.now() - this.checkedAt.getTime() < maxAgeMs) return;
		const limit = AbortSignal.any([signal, AbortSignal.timeout(this.health === 'unknown' ? probing.firstAskMs : probing.askMs)]);
		await new Promise<void>((resolve) => {
			const done = () => resolve();
			if (limit.aborted) return done();
			limit.addEventListener('abort', done, { once: true });
			void this.probe().then(done);
		});
	}

	async #ask(): Promise<void> {
		const startedAt = performance.now();
		try {
			const models = await this.#provider.listModels(AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(probing.limitMs)]));
			this.latencyMs = Math.round((performance.now() - startedAt) * 10) / 10;
			this.#slowProbes = 0;
			this.said = null;
			this.breaker.revived();
			this.#found('up', models, null);
		} catch (thrown) {
			if (this.#stopped.signal.aborted) return;
			const failure = thrown instanceof AppError ? thrown : timedOut(this.name, `has not listed its models within ${probing.limitMs / 1000} s`);
			// A server that is busy may be late once; one that refuses is down.
			if (failure.code === 'TIMEOUT' && this.health === 'up' && ++this.#slowProbes < 2) return;
			const { apiKey } = this.settings;
			this.said = (apiKey ? failure.details?.replaceAll(apiKey, '[hidden]') : failure.details) ?? null;
			this.#found('down', this.models, failure.message);
		} finally {
			this.checkedAt = new Date();
		}
	}

	#found(health: Health, models: UpstreamModel[], error: string | null): void {
		const ids = (list: UpstreamModel[]) => list.map((model) => model.id).join('\n');
		const changed = health !== this.health || ids(models) !== ids(this.models);
		if (health !== this.health) {
			if (health === 'up') log.info({ upstream: this.name, models: models.length, latencyMs: this.latencyMs }, `The upstream ${this.name} answers`);
			else log.warn({ upstream: this.name }, error ?? `The upstream ${this.name} is down`);
		}
		this.health = health;
		this.models = models;
		this.error = error;
		if (health === 'down') for (const request of this.#movable) request.abort();
		if (changed) events.emit('models:changed', {});
	}

	/** Epoch seconds: what the upstream says, else when we first saw the model. */
	createdOf(model: UpstreamModel): number {
		if (model.created !== null) return model.created;
		const seen = this.#firstSeen.get(model.id) ?? Math.floor(Date.now() / 1000);
		this.#firstSeen.set(model.id, seen);
		return seen;
	}

	/**
	 * One answer of one of its models. Its outcome is the breaker's to know, its number the balance's.
	 * @param hasTwin another upstream could answer: not having begun, this gives up when the server is found dead
	 */
	async *stream(model: UpstreamModel, request: ChatRequest, limits: UpstreamLimits, hasTwin: boolean, signal: AbortSignal): AsyncGenerator<ChatEvent> {
		const own = new AbortController(); // plain listeners: AbortSignal.any costs more than the rest of this
		const leave = () => own.abort();
		signal.addEventListener('abort', leave);
		if (signal.aborted) leave();
		if (hasTwin) this.#movable.add(own);
		let begun = false;
		this.active++;
		try {
			for await (const event of this.#provider.stream(model, request, limits, own.signal)) {
				if (!begun && event.type !== 'progress') {
					begun = true;
					this.#movable.delete(own);
					this.breaker.succeeded();
				}
				yield event;
			}
		} catch (thrown) {
			const failure = own.signal.aborted && !signal.aborted ? unavailable(this.name, 'has stopped answering') : thrown;
			if (failure instanceof UpstreamFailure && failure.down) {
				this.breaker.failed();
				void this.probe(); // nobody else should have to find out
			}
			throw failure;
		} finally {
			signal.removeEventListener('abort', leave);
			this.#movable.delete(own);
			this.active--;
		}
	}

	/** Vectors of one of its models. Its outcome is the breaker's to know. @throws UpstreamFailure */
	async embed(model: UpstreamModel, inputs: EmbeddingInput[], limits: Pick<UpstreamLimits, 'firstEventMs'>, signal: AbortSignal): Promise<Embedded> {
		this.active++;
		try {
			const embedded = await this.#provider.embed(model, inputs, limits, signal);
			this.breaker.succeeded();
			return embedded;
		} catch (thrown) {
			if (thrown instanceof UpstreamFailure && thrown.down) {
				this.breaker.failed();
				void this.probe();
			}
			throw thrown;
		} finally {
			this.active--;
		}
	}
}
