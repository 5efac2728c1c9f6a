/** What a meter saw of the machine. Percentages 0–100, over the time since it looked last; sizes in bytes. */
export type MachineSample = {
	cpu: number;
	memory: { usedBytes: number; totalBytes: number };
	gpus: { name: string; /** null where the driver doesn't tell */ load: number | null; usedBytes: number; totalBytes: number }[];
	/** file systems that data and models lie on, by what lies there */
	disks: { name: string; usedBytes: number; totalBytes: number }[];
};

/** The load of one local model that is loaded or loading. */
export type ModelLoad = { name: string; slots: number; slotsBusy: number; queued: number; /** tokens */ kvUsed: number; kvTotal: number; memoryBytes: number; tokensPerSecond: number };

/** Everything that is measured every two seconds. A figure is null when nothing happened that it could tell of. */
export type LiveSample = MachineSample & {
	/** milliseconds since the epoch */
	at: number;
	/** resident bytes of the server's own process */
	serverBytes: number;
	activeModels: number;
	webSockets: number;
	totalRequests: number;
	/** over the last minute, as everything down to `firstTokenMs`; to /api and /v1 */
	requestsPerMinute: number;
	errorsPerMinute: number;
	/** median, without generations */
	responseMs: number | null;
	/** median time to the first token */
	firstTokenMs: number | null;
	/** over the last two seconds, of all models */
	tokensPerSecond: number;
	queued: number;
	slots: number;
	slotsBusy: number;
	/** percent of all KV caches in use; null when no model is loaded */
	kv: number | null;
	models: ModelLoad[];
};

const percentOf = ({ usedBytes, totalBytes }: { usedBytes: number; totalBytes: number }) => (totalBytes > 0 ? (usedBytes / totalBytes) * 100 : 0);

/** A sample's figures by the names of their series. What is null has no entry. */
export function seriesOf(sample: LiveSample): Record<string, number> {
	const { cpu, memory, gpus, disks, models, activeModels, requestsPerMinute, errorsPerMinute, responseMs, firstTokenMs, tokensPerSecond, queued, slots, slotsBusy, kv, webSockets, serverBytes } = sample;
	const figures = { cpu, memory: percentOf(memory), memoryBytes: memory.usedBytes, serverBytes, activeModels, webSockets, requestsPerMinute, errorsPerMinute, responseMs, firstTokenMs, tokensPerSecond, queued, slots, slotsBusy, kv };
	return Object.fromEntries([
		...Object.entries(figures).filter((entry): entry is [string, number] => entry[1] !== null),
		...gpus.flatMap((gpu, i) => [...(gpu.load === null ? [] : [[`gpu.${i}.load`, gpu.load]]), [`gpu.${i}.memory`, percentOf(gpu)]]),
		...disks.map((disk) => [`disk.${disk.name}`, percentOf(disk)]),
		...models.flatMap(({ name, memoryBytes, slotsBusy: busy, queued: waiting, tokensPerSecond: speed }) => [
			[`model.${name}.memoryBytes`, memoryBytes],
			[`model.${name}.slotsBusy`, busy],
			[`model.${name}.queued`, waiting],
			[`model.${name}.tokensPerSecond`, speed]
		])
	]);
}

/** Series over a stretch of time, by name, one entry for each of `at`; null where there is nothing, also where the server was off. */
export type SeriesAnswer = {
	/** seconds that each point stands for */
	seconds: number;
	/** milliseconds since the epoch, ascending */
	at: number[];
	series: Record<string, (number | null)[]>;
};

/** An answer that ended. */
export type Activity = {
	/** milliseconds since the epoch */
	at: number;
	username: string;
	model: string;
	requestId: string;
	promptTokens: number;
	completionTokens: number;
	firstTokenMs: number | null;
	durationMs: number;
	tokensPerSecond: number | null;
	/** stop, length, tool_calls, cancelled or error */
	finish: string;
};
