/** A loaded model as a candidate for making room. */
export type Place = {
	key: string;
	phase: 'loading' | 'ready' | 'closing';
	/** takes no new requests since another model's turn has come */
	draining: boolean;
	slotsBusy: number;
	/** requests in its line */
	queued: number;
	pinned: boolean;
	/** milliseconds */
	lastUsedAt: number;
	readyAt: number;
	/** bytes that its end would free, at most */
	bytes: number;
};

/** A model that should be loaded. */
export type Wanted = {
	key: string;
	/** when the request that waits longest came, milliseconds */
	since: number;
	/** nobody asked: it was loaded before, and takes no other's place */
	optional: boolean;
	/** bytes as configured, and with the smallest context that still makes sense */
	bytes: number;
	leastBytes: number;
};

export type Situation = {
	places: Place[];
	wanted: Wanted[];
	/** models that may be loaded at once */
	maxLoaded: number;
	/** bytes that can be taken now, the reserve and the growth of loaded models already subtracted */
	freeBytes: number;
	now: number;
	/** milliseconds a loaded model may keep serving its line while another model's requests wait */
	turnMs: number;
};

export type Decision =
	| { do: 'nothing' }
	| { do: 'load'; key: string }
	/** end this model: nobody uses it */
	| { do: 'evict'; key: string; inFavourOf: string | undefined }
	/** give this busy model no new requests, so that it can be evicted */
	| { do: 'drain'; key: string }
	/** it cannot be loaded, whatever ends: for want of memory, or (without a number) of places that are not pinned */
	| { do: 'refuse'; key: string; reachableBytes: number | undefined }
	/** there is no room for an optional one */
	| { do: 'forgo'; key: string };

const isIdle = (place: Place): boolean => place.phase === 'ready' && !place.pinned && place.slotsBusy === 0 && (place.queued === 0 || place.draining);
const leastRecentlyUsed = (places: Place[]): Place | undefined => places.reduce<Place | undefined>((least, place) => (least && least.lastUsedAt <= place.lastUsedAt ? least : place), undefined);

/**
 * What to do next about who is loaded. Pure: it looks at a situation and performs nothing.
 *
 * The model whose request waits longest comes first, so nobody starves; a loaded model keeps its place while it has requests,
 * but for at most `turnMs` when others wait, so models that compete take turns instead of being loaded for each request.
 * A busy model is never ended: it drains.
 */
export function decidePlacement({ places, wanted, maxLoaded, freeBytes, now, turnMs }: Situation): Decision {
	const idle = leastRecentlyUsed(places.filter(isIdle));
	const closing = places.filter((place) => place.phase === 'closing');
	if (places.length - closing.length > maxLoaded && idle) return { do: 'evict', key: idle.key, inFavourOf: undefined };

	const next = wanted.reduce<Wanted | undefined>((first, model) => (first && first.since <= model.since ? first : model), undefined);
	// Loads run one at a time: two at once fight for the disk, and the second's memory estimate would be wrong.
	if (!next || places.some((place) => place.phase === 'loading')) return { do: 'nothing' };

	const movable = places.filter((place) => !place.pinned);
	const reachableBytes = freeBytes + movable.reduce((sum, place) => sum + place.bytes, 0);
	// What never fits as configured takes what the idle ones leave, rather than waiting for the busy ones too.
	const enough = next.bytes <= reachableBytes || idle ? next.bytes : next.leastBytes;
	if (places.length < maxLoaded && enough <= freeBytes) return { do: 'load', key: next.key };
	if (next.optional) return { do: 'forgo', key: next.key };
	if (next.leastBytes > reachableBytes) return { do: 'refuse', key: next.key, reachableBytes };
	if (places.length - movable.length >= maxLoaded) return { do: 'refuse', key: next.key, reachableBytes: undefined };

	// What is on its way is waited for before another is asked for.
	const bytesToCome = closing.reduce((sum, place) => sum + place.bytes, 0);
	if (places.length - closing.length < maxLoaded && enough <= freeBytes + bytesToCome) return { do: 'nothing' };
	if (idle) return { do: 'evict', key: idle.key, inFavourOf: next.key };
	if (closing.length > 0 || places.some((place) => place.draining)) return { do: 'nothing' };
	const turnIsOver = (place: Place): boolean => place.phase === 'ready' && !place.pinned && now - place.readyAt >= turnMs;
	const longest = places.filter(turnIsOver).reduce<Place | undefined>((first, place) => (first && first.readyAt <= place.readyAt ? first : place), undefined);
	return longest && now - next.since >= turnMs ? { do: 'drain', key: longest.key } : { do: 'nothing' };
}
