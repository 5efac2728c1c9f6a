/** How long a gap lasts before anybody is told: a reload of the server or a phone that wakes is over sooner. */
const quietMs = 1_500;

let state = $state<'connecting' | 'open' | 'lost'>('connecting');
let opened = $state(0);
let timer: ReturnType<typeof setTimeout> | undefined;
const waiting: (() => void)[] = [];

/** The one WebSocket's state, told by `trpc.ts`. */
export const connection = {
	get state(): 'connecting' | 'open' | 'lost' { return state; },
	/** counts connections: what must be read again after a gap depends on it */
	get opened(): number { return opened; },
	/** Resolves when the socket opens next. */
	reopened: (): Promise<void> => new Promise((go) => waiting.push(go)),
	onOpen(): void {
		clearTimeout(timer);
		timer = undefined;
		state = 'open';
		opened++;
		for (const go of waiting.splice(0)) go();
	},
	onClose(): void {
		if (state === 'open') state = 'connecting';
		timer ??= setTimeout(() => (state = 'lost'), quietMs);
	}
};
