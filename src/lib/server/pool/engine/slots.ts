/**
 * Slots: the sequences of one context, index = native sequence id. A slot keeps the tokens of its last generation, so that
 * a next request of the same owner (`cacheKey`) re-reads only what is new. Cached text is user data: it is never reused
 * across keys (the time to the first token would tell another user what was asked), and a request without a key shares nothing.
 */
import type { NativeContext } from './native.ts';

export type Slot = {
	readonly id: number;
	/** the tokens whose cells are in the KV cache, from position 0 */
	tokens: number[];
	cacheKey: string | undefined;
	/** what they belong to, and go with */
	conversation: string | undefined;
	/** counts up with each use; 0 = never */
	lastUsed: number;
	busy: boolean;
	/** what it holds is to be erased when it is given back: its conversation is gone */
	forget?: boolean;
};

/** Whose tokens a slot holds. */
export type SlotOwner = Pick<Slot, 'cacheKey' | 'conversation'>;

/** A chosen slot, and how many of its cells the prompt can keep. `before`: whose tokens they were, once it is taken. */
export type SlotChoice = { slot: Slot; keep: number; before?: SlotOwner };

/** Length of the common beginning of two token lists. */
export function commonPrefix(a: ArrayLike<number>, b: ArrayLike<number>): number {
	const end = Math.min(a.length, b.length);
	let i = 0;
	while (i < end && a[i] === b[i]) i++;
	return i;
}

/** A prefix is worth a slot's remainder from here on: tokens, or a share of the prompt. */
const worthTokens = 32;
const worthShare = 0.1;

/**
 * The idle slot for a prompt: the longest worthwhile common prefix under the same key, else with nothing kept the one beside most
 * busy ones, since llama.cpp decodes only neighbours in one pass (eight streams apart from each other have two thirds of their
 * speed); among equals the least recently used, then the lowest id. `areKept`: what a slot loses comes back from elsewhere; else
 * nobody's history is given up for a neighbour. Undefined when all are busy. Pure.
 */
export function chooseSlot(slots: readonly Slot[], prompt: readonly number[], cacheKey: string | undefined, areKept: boolean): SlotChoice | undefined {
	const idle = slots.filter((slot) => !slot.busy);
	if (idle.length === 0) return undefined;
	// the last prompt token is always decoded anew: its logits are needed
	const keepable = (slot: Slot) => (cacheKey === undefined || slot.cacheKey !== cacheKey ? 0 : Math.min(commonPrefix(slot.tokens, prompt), prompt.length - 1));
	const best = idle.map((slot) => ({ slot, keep: keepable(slot) })).reduce((a, b) => (b.keep > a.keep ? b : a));
	if (best.keep >= worthTokens || (best.keep > 0 && best.keep >= prompt.length * worthShare)) return best;
	const isBusy = (id: number) => Number(slots[id]?.busy ?? false);
	const busyBeside = ({ id, tokens, cacheKey }: Slot) => (areKept || cacheKey === undefined || tokens.length === 0 ? isBusy(id - 1) + isBusy(id + 1) : 0);
	return { slot: idle.reduce((a, b) => ((busyBeside(b) - busyBeside(a) || a.lastUsed - b.lastUsed) > 0 ? b : a)), keep: 0 };
}

/**
 * Erases a slot's cells from `keep` on and returns how many are really kept: 0 where the model's memory can't forget a part.
 * `canForget` is false for models whose state does not allow it (recurrent, hybrid, sliding window); those keep only a pure
 * append. Must not run while a batch is decoded.
 */
export function trimSlot(context: NativeContext, { slot, keep }: SlotChoice, canForget: boolean): number {
	const isAppend = keep > 0 && keep === slot.tokens.length;
	const isTrimmed = isAppend || (keep > 0 && canForget && context.removeTokenCellsFromSequence(slot.id, keep, -1));
	if (!isTrimmed) clearSlot(context, slot);
	slot.tokens = slot.tokens.slice(0, keep);
	return slot.tokens.length;
}

/** Erases all of a slot's cells. Must not run while a batch is decoded. */
export function clearSlot(context: NativeContext, slot: Slot): void {
	context.disposeSequence(slot.id);
	slot.tokens = [];
}

export type SlotPool = {
	readonly slots: readonly Slot[];
	/** An idle slot, marked busy; waits first come, first served. Undefined when aborted first. */
	take(prompt: readonly number[], owner: SlotOwner, signal: AbortSignal): Promise<SlotChoice | undefined>;
	giveBack(slot: Slot): void;
};

/** `areKept`: as in {@link chooseSlot}. */
export function createSlotPool(count: number, areKept: boolean): SlotPool {
	const slots: Slot[] = Array.from({ length: count }, (_, id) => ({ id, tokens: [], cacheKey: undefined, conversation: undefined, lastUsed: 0, busy: false }));
	const waiting: { tryTake(): boolean }[] = [];
	let uses = 0;

	function takeNow(prompt: readonly number[], { cacheKey, conversation }: SlotOwner): SlotChoice | undefined {
		const choice = chooseSlot(slots, prompt, cacheKey, areKept);
		if (!choice) return undefined;
		const before = { cacheKey: choice.slot.cacheKey, conversation: choice.slot.conversation };
		Object.assign(choice.slot, { busy: true, cacheKey, conversation, lastUsed: ++uses });
		return { ...choice, before };
	}

	return {
		slots,
		take: (prompt, owner, signal) =>
			new Promise((resolve) => {
				if (signal.aborted) return resolve(undefined);
				const choice = waiting.length === 0 ? takeNow(prompt, owner) : undefined;
				if (choice) return resolve(choice);
				const leave = () => {
					waiting.splice(waiting.indexOf(waiter), 1);
					resolve(undefined);
				};
				const waiter = {
					tryTake() {
						const handed = takeNow(prompt, owner);
						if (!handed) return false;
						signal.removeEventListener('abort', leave);
						resolve(handed);
						return true;
					}
				};
				signal.addEventListener('abort', leave, { once: true });
				waiting.push(waiter);
			}),
		giveBack(slot) {
			slot.busy = false;
			if (waiting[0]?.tryTake()) waiting.shift();
		}
	};
}
