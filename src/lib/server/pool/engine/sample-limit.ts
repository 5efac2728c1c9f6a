/** What choosing one token may take, ms: a JSON schema with too many ways to read an answer takes many times as long with each token. */
const mostMs = 3000;

/** From here on, ms, what choosing a token takes tells where it leads. */
const tellingMs = 4;

/** Looks at how long one stream's tokens take to choose. */
export type SampleLimit = {
	/** After each token, what it took in ms: whether that was too long, or grows so that the next is going to be. */
	exceeded(ms: number): boolean;
};

export function createSampleLimit(): SampleLimit {
	let [before, last] = [Infinity, Infinity];
	return {
		exceeded(ms) {
			const grows = last >= tellingMs && last > 2 * before && ms > 2 * last;
			const next = grows ? ms * (ms / last) : ms;
			[before, last] = [last, ms];
			return next > mostMs;
		}
	};
}

const cpuMs = () => {
	const { user, system } = process.cpuUsage();
	return (user + system) / 1000;
};

/** Milliseconds of work since it was last asked, or reset: on a busy machine, waiting for a core is none. */
export function createWorkClock() {
	let [at, cpu] = [performance.now(), cpuMs()];
	return {
		lap(): number {
			const [atBefore, cpuBefore] = [at, cpu];
			[at, cpu] = [performance.now(), cpuMs()];
			return Math.min(at - atBefore, cpu - cpuBefore);
		}
	};
}
