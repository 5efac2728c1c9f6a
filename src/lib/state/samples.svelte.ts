import type { LiveSample } from '#lib/contract/monitoring.ts';
import { trpc } from '#lib/trpc.ts';

/** Five minutes of samples, one every two seconds. */
const kept = 150;
/** The first ones come together and are shown together. */
const gatherMs = 40;

let rows = $state.raw<LiveSample[]>([]);
let lastId: string | undefined;

/** What the server measures, live. */
export const samples = {
	/** of the last five minutes, oldest first */
	get rows(): LiveSample[] { return rows; },
	get newest(): LiveSample | undefined { return rows.at(-1); },
	/** Keeps them up to date until the returned function is called: the body of an `$effect`. Goes on where it was. */
	follow(): () => void {
		let came: LiveSample[] = [];
		let timer: ReturnType<typeof setTimeout> | undefined;
		function show() {
			timer = undefined;
			rows = [...rows, ...came].slice(-kept);
			came = [];
		}
		const subscription = trpc.monitoring.live.subscribe({ lastEventId: lastId }, {
			onData({ id, data }) {
				lastId = id;
				came.push(data);
				timer ??= setTimeout(show, gatherMs);
			}
		});
		return () => {
			subscription.unsubscribe();
			clearTimeout(timer);
			if (came.length) show();
		};
	}
};
