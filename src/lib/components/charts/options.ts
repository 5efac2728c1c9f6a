import type uPlot from 'uplot';
import { formatDay, formatTime } from '#lib/i18n/format.ts';

export type Drawing = {
	width: number;
	height: number;
	/** one a line */
	colours: string[];
	/** areas on top of each other: each is filled down to the one below */
	filledTo: (number | null)[];
	/** of the time axis, milliseconds since the epoch */
	range: () => [number, number];
	/** the top of the other axis; it begins at 0 */
	top: () => number;
	write: (value: number) => string;
	/** nothing comes in parts: no half request */
	whole: boolean;
	ink: { text: string; grid: string };
	/** charts of one key share the crosshair */
	shared: string;
	/** the point below the crosshair */
	onCursor: (index: number | null) => void;
	/** a part of the time axis was chosen with the mouse, milliseconds since the epoch; without it there is nothing to choose */
	onSelect?: ((range: [number, number]) => void) | undefined;
	/** the whole is wanted again */
	onReset?: (() => void) | undefined;
};

/** Pixels below which a drag is a click that trembled. */
const leastDrag = 4;

const font = '12px "Geist Variable", system-ui, sans-serif';
const dayMs = 86_400_000;
const [minute, hour, day] = [60, 3600, 86_400];
/** Seconds between two marks of the time axis, of which it takes the first that has room. */
const timeSteps = [minute, 2 * minute, 5 * minute, 10 * minute, 15 * minute, 30 * minute, hour, 2 * hour, 3 * hour, 6 * hour, 12 * hour, day, 2 * day, 5 * day, 10 * day];
const wholeSteps = Array.from({ length: 10 }, (_, power) => [1, 2, 5].map((step) => step * 10 ** power)).flat();
/** The same colour, nearly transparent. Those of app.css are written oklch(…). */
const faint = (colour: string) => colour.replace(/\)$/, ' / 0.06)');

/** A point without neighbours has no line, so it is a dot. */
function lonely(values: ArrayLike<number | null | undefined>): number[] {
	return Array.from(values, (value, i) => (value != null && values[i - 1] == null && values[i + 1] == null ? i : -1)).filter((i) => i >= 0);
}

/** How uPlot draws a chart of ours: thin lines from 0, gaps left open, a crosshair that charts share. */
export function optionsFor({ width, height, colours, filledTo, range, top, write, whole, ink, shared, onCursor, onSelect, onReset }: Drawing): uPlot.Options {
	const axis = { stroke: ink.text, font, ticks: { show: false }, grid: { stroke: ink.grid, width: 1 } };
	const spanMs = () => range()[1] - range()[0];
	/** the other charts of the key draw the selection too; only the one that was dragged tells of it */
	let dragged = false;
	function selected(plot: uPlot) {
		const { left, width: across } = plot.select;
		if (dragged && across >= leastDrag) onSelect?.([plot.posToVal(left, 'x') * 1000, plot.posToVal(left + across, 'x') * 1000]);
		dragged = false;
		plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
	}
	const time = (seconds: number) => (spanMs() > 2 * dayMs ? formatDay(new Date(seconds * 1000)) : formatTime(new Date(seconds * 1000), false));
	return {
		width,
		height,
		padding: [8, 18, 0, 0],
		legend: { show: false },
		scales: {
			x: { time: true, range: () => [range()[0] / 1000, range()[1] / 1000] },
			y: { range: () => [0, top()] }
		},
		axes: [
			{ ...axis, grid: { show: false }, size: 20, gap: 4, space: 64, incrs: timeSteps, values: (_plot, splits) => splits.map(time) },
			{ ...axis, gap: 6, space: 36, ...(whole ? { incrs: wholeSteps } : {}), values: (_plot, splits) => splits.map(write), size: (_plot, values) => 14 + Math.max(0, ...(values ?? []).map((text) => text.length)) * 6.4 }
		],
		series: [
			{},
			...colours.map((stroke, i) => ({
				stroke,
				width: 1.5,
				...(filledTo[i] === null ? { fill: faint(stroke) } : {}),
				points: { show: true, size: 4, fill: stroke, filter: (plot: uPlot, line: number) => lonely(plot.data[line]!) }
			}))
		],
		bands: filledTo.flatMap((below, i) => (below === null ? [] : [{ series: [i + 1, below + 1] as [number, number], fill: faint(colours[i]!) }])),
		cursor: {
			sync: { key: shared },
			drag: { x: onSelect !== undefined, y: false, setScale: false },
			bind: {
				mousedown: (_plot, _target, handle) => (event) => {
					if (event.button !== 0) return null;
					dragged = true;
					return handle(event);
				},
				dblclick: () => () => {
					onReset?.();
					return null;
				}
			},
			y: false,
			points: { size: 6 }
		},
		hooks: { setCursor: [(plot) => onCursor(plot.cursor.idx ?? null)], setSelect: [selected] }
	};
}
