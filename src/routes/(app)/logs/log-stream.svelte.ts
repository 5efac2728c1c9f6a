import type { LogFilter, LogRow } from '#lib/contract/logs.ts';
import { failureOf, type Failure } from '#lib/state/failure.ts';
import { trpc } from '#lib/trpc.ts';

/** Lines that a page holds; the oldest go first. */
const kept = 20_000;
/** Milliseconds over which lines that come together are shown together. */
const gatherMs = 100;
const pageRows = 500;

/** The log's lines that are meant, as they come, and further back on demand. */
export function logStream() {
	let rows = $state.raw<LogRow[]>([]);
	let failure = $state.raw<Failure | null>(null);
	let waiting = $state.raw<LogRow[] | null>(null);
	let ready = $state(false);
	let more = true;
	let reading = false;
	let shownFilter = '';
	let filter: LogFilter = {};

	function take(came: LogRow[]) {
		if (waiting) waiting = [...waiting, ...came].slice(-kept);
		else rows = [...rows, ...came].slice(-kept);
	}

	return {
		/** oldest first */
		get rows(): LogRow[] { return rows; },
		/** whether the first lines have come, if there are any */
		get ready(): boolean { return ready; },
		get failure(): Failure | null { return failure; },
		/** lines that came since it was paused; null: it is not */
		get waiting(): number | null { return waiting?.length ?? null; },
		pause(): void {
			waiting ??= [];
		},
		resume(): void {
			const came = waiting ?? [];
			waiting = null;
			take(came);
		},
		/** Follows until the returned function is called: the body of an `$effect`. The same filter again goes on where it was. */
		follow(wanted: LogFilter): () => void {
			const text = JSON.stringify(wanted);
			if (text !== shownFilter) {
				[rows, more, ready, shownFilter, filter] = [[], true, false, text, wanted];
				if (waiting) waiting = [];
			}
			const last = waiting?.at(-1) ?? rows.at(-1);
			let came: LogRow[] = [];
			let timer: ReturnType<typeof setTimeout> | undefined;
			const show = () => {
				timer = undefined;
				ready = true;
				take(came);
				came = [];
			};
			const later = () => (timer ??= setTimeout(show, gatherMs));
			const subscription = trpc.logs.live.subscribe({ ...wanted, lastEventId: last?.id }, {
				onStarted() {
					failure = null;
					later();
				},
				onData({ data }) {
					came.push(data);
					later();
				},
				onError: (thrown) => (failure = failureOf(thrown))
			});
			return () => {
				subscription.unsubscribe();
				clearTimeout(timer);
				if (came.length && text === shownFilter) show();
			};
		},
		/** Reads lines from before the first one. Returns how many came. */
		async older(): Promise<number> {
			const [first] = rows;
			if (!more || reading || !first) return 0;
			reading = true;
			try {
				const page = await trpc.logs.list.query({ ...filter, before: first.id, limit: pageRows });
				if (rows[0] !== first) return 0;
				more = page.more;
				rows = [...page.rows, ...rows];
				return page.rows.length;
			} catch (thrown) {
				failure = failureOf(thrown);
				return 0;
			} finally {
				reading = false;
			}
		}
	};
}
