import type { LiveSample } from '../../contract/monitoring.ts';
import type { Sample } from './merge.ts';

type Counts = { requests: number; promptTokens: number; completionTokens: number };

const percentOf = (part: number, whole: number) => (whole > 0 ? (part / whole) * 100 : 0);
const memoryPercent = ({ usedBytes, totalBytes }: { usedBytes: number; totalBytes: number }) => percentOf(usedBytes, totalBytes);

/** What a sample has beside document A's figures, by the name of its series. What is null has no entry. */
function extraOf(sample: LiveSample): Record<string, number> {
	const { memory, gpus, disks, models, errorsPerMinute, responseMs, firstTokenMs, tokensPerSecond, queued, slots, slotsBusy, kv, webSockets, serverBytes } = sample;
	const given = Object.entries({ errorsPerMinute, responseMs, firstTokenMs, tokensPerSecond, queued, slots, slotsBusy, kv, webSockets, serverBytes, memoryBytes: memory.usedBytes });
	return Object.fromEntries([
		...given.filter((entry): entry is [string, number] => entry[1] !== null),
		...gpus.flatMap((gpu, i) => [...(gpu.load === null ? [] : [[`gpu.${i}.load`, gpu.load]]), [`gpu.${i}.memory`, memoryPercent(gpu)]]),
		...disks.map((disk) => [`disk.${disk.name}`, memoryPercent(disk)]),
		...models.flatMap(({ name, ...model }) => [
			[`model.${name}.memoryBytes`, model.memoryBytes],
			[`model.${name}.slotsBusy`, model.slotsBusy],
			[`model.${name}.tokensPerSecond`, model.tokensPerSecond]
		])
	]);
}

/** A live sample as a row to keep, with what came in its time. */
export const keptSample = (sample: LiveSample, { requests, promptTokens, completionTokens }: Counts, covered: number): Sample => ({
	cpu: sample.cpu,
	memory: memoryPercent(sample.memory),
	activeModels: sample.activeModels,
	requests,
	promptTokens,
	completionTokens,
	extra: { ...extraOf(sample), covered }
});
