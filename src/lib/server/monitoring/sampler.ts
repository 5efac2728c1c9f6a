import { setTimeout as sleep } from 'node:timers/promises';
import type { LiveSample, ModelLoad } from '../../contract/monitoring.ts';
import type { MonitoringNow } from '../../contract/rest/monitoring.ts';
import { events } from '../events.ts';
import { logger } from '../logs/logger.ts';
import { parametersFor } from '../parameters/values.ts';
import { Ring } from '../ring.ts';
import { singleton } from '../singleton.ts';
import { sweepSamples, writeSample } from './history.ts';
import { intervalOf, levels } from './levels.ts';
import { keptSample, mergeSamples, type Sample } from './merge.ts';
import { machineMeter } from './sample.ts';
import { trafficMeter } from './traffic.ts';

const log = logger('monitoring');

/** Milliseconds between two samples; of the first, so that there is an answer soon after the start. */
const everyMs = 2000;
const firstMs = 250;
/** Five minutes of them. */
const kept = 150;

/** What is asked for at each sample, since nobody announces it. */
export type SampleSources = {
	/** local models that are loaded or loading */
	models: () => (Omit<ModelLoad, 'tokensPerSecond'> & { running: boolean })[];
	webSockets: () => number;
	/** whose file systems are watched */
	folders: { name: string; path: string }[];
};

/** The last five minutes; each sample has an id, which rises, also over restarts. */
const ring = singleton('samples', () => new Ring<LiveSample>(kept, Date.now()));
/** What is known without measuring. */
type Counts = () => Pick<MonitoringNow, 'activeModels' | 'totalRequests'>;
const holder = singleton('sampler', () => ({ stop: undefined as (() => Promise<void>) | undefined, first: Promise.withResolvers<void>(), counts: undefined as Counts | undefined }));

const sum = <T>(rows: T[], of: (row: T) => number) => rows.reduce((total, row) => total + of(row), 0);

/** Samples the machine and the traffic every two seconds, and keeps a row of each 30 s in the database. */
export function openSampler(sources: SampleSources): void {
	const measure = machineMeter(sources.folders);
	const traffic = trafficMeter();
	const counts: Counts = () => ({ activeModels: sum(sources.models(), ({ running }) => Number(running)), totalRequests: traffic.lately().totalRequests });
	const stopped = new AbortController();
	let pending: { at: number; rows: Sample[] } | undefined;
	let lastAt = performance.now();

	async function sample(): Promise<void> {
		const machine = await measure();
		const since = traffic.since();
		const models = sources.models();
		const kvTotal = sum(models, (model) => model.kvTotal);
		const at = Date.now();
		const row: LiveSample = {
			at, ...machine, ...traffic.lately(), ...counts(),
			serverBytes: process.memoryUsage.rss(),
			webSockets: sources.webSockets(),
			tokensPerSecond: since.tokensPerSecond,
			queued: sum(models, (model) => model.queued),
			slots: sum(models, (model) => model.slots),
			slotsBusy: sum(models, (model) => model.slotsBusy),
			kv: kvTotal > 0 ? (sum(models, (model) => model.kvUsed) / kvTotal) * 100 : null,
			models: models.map(({ running: _running, ...model }) => ({ ...model, tokensPerSecond: since.byModel.get(model.name) ?? 0 }))
		};
		const covered = (performance.now() - lastAt) / 1000;
		lastAt = performance.now();
		// The sample at an interval's beginning tells of the end of the one before.
		const interval = intervalOf(at - everyMs / 2, levels[0]);
		if (pending && pending.at !== interval) flush();
		pending ??= { at: interval, rows: [] };
		pending.rows.push(keptSample(row, since, covered));
		ring.push(row);
		holder.first.resolve();
		events.emit('monitoring:sampled', {});
	}

	function flush(): void {
		if (!pending) return;
		const { at, rows } = pending;
		pending = undefined;
		try {
			writeSample(at, mergeSamples(rows));
			sweepSamples(parametersFor('').sampleRetention, Date.now());
		} catch (error) {
			log.error({ err: error }, 'A monitoring sample could not be kept');
		}
	}

	async function run(): Promise<void> {
		await sleep(firstMs, undefined, { ref: false, signal: stopped.signal });
		for (;;) {
			await sample().catch((error: unknown) => log.error({ err: error }, 'The machine could not be measured'));
			// On the clock's even seconds, so that the kept intervals are whole.
			await sleep(everyMs - (Date.now() % everyMs), undefined, { ref: false, signal: stopped.signal });
		}
	}
	const running = run().catch(() => undefined);

	holder.counts = counts;
	holder.stop = async () => {
		stopped.abort();
		traffic.stop();
		await running;
		flush();
	};
}

/** Ends it; what was measured of the interval under way is kept. */
export async function closeSampler(): Promise<void> {
	await holder.stop?.();
	holder.stop = undefined;
	holder.first = Promise.withResolvers();
}

/** The newest sample; waits for the first one, which needs a quarter of a second. */
async function newestSample(): Promise<LiveSample> {
	await holder.first.promise;
	return ring.last(1)[0]!.row;
}

const oneDecimal = (value: number) => Math.round(value * 10) / 10;

/** Document A's figures: measured at the newest sample, counted now. */
export async function currentFigures(): Promise<MonitoringNow> {
	const { cpu, memory } = await newestSample();
	const { activeModels, totalRequests } = holder.counts!();
	return { cpu: oneDecimal(cpu), memory: oneDecimal((memory.usedBytes / memory.totalBytes) * 100), activeModels, totalRequests, uptime: Math.floor(process.uptime()) };
}

/** The samples of the last five minutes after that id, then each as it is taken. */
export const followSamples = (afterId: number, signal: AbortSignal) => ring.follow('monitoring:sampled', afterId, signal);
