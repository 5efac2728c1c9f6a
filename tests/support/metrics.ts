import type { RunningServer } from './start-server.ts';

/** A reading of `/metrics`: the value of a series by its full name, labels included; 0 when it has none yet. */
export async function readMetrics(server: Pick<RunningServer, 'url'>): Promise<(series: string) => number> {
	const text = await (await fetch(`${server.url}/metrics`)).text();
	const values = new Map(text.split('\n').filter((line) => line && !line.startsWith('#')).map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
	return (series) => values.get(series) ?? 0;
}

/** Waits until a reading is as wanted. @returns the milliseconds it took @throws after `limitMs` */
export async function untilMetrics(server: Pick<RunningServer, 'url'>, wanted: (value: (series: string) => number) => boolean, limitMs = 20_000): Promise<number> {
	const startedAt = performance.now();
	for (;;) {
		if (wanted(await readMetrics(server))) return performance.now() - startedAt;
		if (performance.now() - startedAt > limitMs) throw new Error(`the metrics were not as wanted within ${limitMs} ms`);
		await new Promise((resolve) => setTimeout(resolve, 5));
	}
}
