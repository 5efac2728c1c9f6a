/** How long a gap lasts before anybody is told: a reload of the server or a phone that wakes is over sooner. */
const quietMs = 1_500;

let state = $state<'connecting' | 'open' | 'lost'>('connecting');
let opened = $state(0);
let timer: ReturnType<typeof setTimeout> | undefined;

/** The one WebSocket's state, told by `trpc.ts`. */
export const connection = {
	get state(): 'connecting' | 'open' | 'lost' { return state; },
	/** counts connections: what must be read again after a gap depends on it */
	get opened(): number { return opened; },
	onOpen(): void {
		clearTimeout(timer);
		timer = undefined;
		state = 'open';
		opened++;
	},
	onClose(): void {
		if (state === 'open') state = 'connecting';
		timer ??= setTimeout(() => (state = 'lost'), quietMs);
	}
};
