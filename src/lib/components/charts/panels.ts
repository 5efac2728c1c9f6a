import { t, type PlainKey } from '#lib/i18n/index.ts';
import type { Points, Values } from './points.ts';
import type { Unit } from './units.ts';

/** One chart: which series it shows, under which words. */
export type Panel = { key: string; title: string; unit: Unit; max?: number; stack?: number; lines: { label: string; values: Values }[] };

type Figure = { key: string; title: PlainKey; unit: Unit; max?: number; lines: [series: string, label: PlainKey][] };

/** Charts whose series always have the same names. One with a series that was never measured is left out. */
const figures: Figure[] = [
	{ key: 'requests', title: 'monitoring.requests', unit: 'perMinute', lines: [['requestsPerMinute', 'monitoring.requests.all'], ['errorsPerMinute', 'monitoring.requests.errors']] },
	{ key: 'response', title: 'monitoring.response', unit: 'time', lines: [['responseMs', 'monitoring.response']] },
	{ key: 'firstToken', title: 'monitoring.firstToken', unit: 'time', lines: [['firstTokenMs', 'monitoring.firstToken']] },
	{ key: 'speed', title: 'monitoring.speed', unit: 'perSecond', lines: [['tokensPerSecond', 'monitoring.speed']] },
	{ key: 'queue', title: 'monitoring.queue', unit: 'count', lines: [['queued', 'monitoring.queue.waiting'], ['slotsBusy', 'monitoring.queue.busy'], ['slots', 'monitoring.queue.slots']] },
	{ key: 'kv', title: 'monitoring.kv', unit: 'percent', max: 100, lines: [['kv', 'monitoring.kv']] },
	{ key: 'models', title: 'monitoring.models', unit: 'count', lines: [['activeModels', 'monitoring.models.active'], ['webSockets', 'monitoring.models.sockets']] }
];

/** Charts with a line for each model that was loaded. */
const modelFigures: { key: string; title: PlainKey; unit: Unit; end: string }[] = [
	{ key: 'modelSpeed', title: 'monitoring.model.speed', unit: 'perSecond', end: '.tokensPerSecond' },
	{ key: 'modelSlots', title: 'monitoring.model.slots', unit: 'count', end: '.slotsBusy' },
	{ key: 'modelQueue', title: 'monitoring.model.queue', unit: 'count', end: '.queued' }
];

function figurePanels(series: Points['series'], which: Figure[]): Panel[] {
	return which.flatMap(({ title, lines, ...figure }) => {
		const measured = lines.flatMap(([name, label]) => (series[name] ? [{ label: t(label), values: series[name] }] : []));
		return measured.length ? [{ ...figure, title: t(title), lines: measured }] : [];
	});
}

/** There from the first sample on, and before it without values. */
export function requestsPanel({ series }: Points): Panel {
	const { title, lines, ...figure } = figures.find(({ key }) => key === 'requests')!;
	return { ...figure, title: t(title), lines: lines.map(([name, label]) => ({ label: t(label), values: series[name] ?? [] })) };
}

export const cpuPanel = ({ series }: Points): Panel => ({ key: 'cpu', title: t('monitoring.cpu'), unit: 'percent', max: 100, lines: [{ label: t('monitoring.cpu'), values: series.cpu ?? [] }] });

/** The middle of names such as `model.qwen3-4b.memoryBytes`; names may have dots themselves. */
const between = (series: Points['series'], start: string, end: string): [middle: string, values: Values][] =>
	Object.entries(series).flatMap(([name, values]) => (name.startsWith(start) && name.endsWith(end) ? [[name.slice(start.length, name.length - end.length), values] as [string, Values]] : []));

/** Who holds memory, on top of each other, and below the line of all that is in use. @param totalBytes of the machine, where it is known */
export function memoryPanel({ series }: Points, totalBytes: number | undefined): Panel {
	const holders = [
		{ label: t('monitoring.memory.server'), values: series.serverBytes ?? [] },
		...between(series, 'model.', '.memoryBytes').map(([label, values]) => ({ label, values }))
	];
	return {
		key: 'memory', title: t('monitoring.memory'), unit: 'bytes', ...(totalBytes ? { max: totalBytes } : {}), stack: holders.length,
		lines: [...holders, { label: t('monitoring.memory.used'), values: series.memoryBytes ?? [] }]
	};
}

/** Every chart that these series can fill. @param gpuNames in their order */
export function panelsOf(points: Points, { totalBytes, gpuNames = [] }: { totalBytes?: number | undefined; gpuNames?: string[] }): Panel[] {
	const { series } = points;
	const gpus = between(series, 'gpu.', '.memory').map(([index, memory]) => ({ index, memory, load: series[`gpu.${index}.load`], name: gpuNames[Number(index)] ?? `GPU ${index}` }));
	const disks = between(series, 'disk.', '');
	return [
		cpuPanel(points),
		memoryPanel(points, totalBytes),
		...gpus.map(({ index, name, load, memory }) => ({
			key: `gpu.${index}`, title: name, unit: 'percent' as const, max: 100,
			lines: [...(load ? [{ label: t('monitoring.gpu.load'), values: load }] : []), { label: t('monitoring.gpu.memory'), values: memory }]
		})),
		...figurePanels(series, figures),
		...modelFigures.flatMap(({ title, end, ...figure }) => {
			const lines = between(series, 'model.', end).map(([label, values]) => ({ label, values }));
			return lines.length ? [{ ...figure, title: t(title), lines }] : [];
		}),
		...(disks.length ? [{ key: 'disk', title: t('monitoring.disk'), unit: 'percent' as const, max: 100, lines: disks.map(([label, values]) => ({ label, values })) }] : [])
	];
}
