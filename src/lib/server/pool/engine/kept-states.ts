/**
 * States of conversations that gave up their slot: in memory within a budget, and on disk when their model is unloaded, so that
 * a conversation that is taken up again need not be read again. A state goes to a prompt of the same user alone, and the
 * memory's part of one without a key is never kept.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NativeContext } from './native.ts';
import type { KeptStates } from './protocol.ts';
import { clearSlot, commonPrefix, type Slot, type SlotChoice } from './slots.ts';
import { createStateFile, isWhole, placeStateFile, readStatesOf, removeTried, scratchName, stateFileName, stateFolderName, tryState, type StateFile, type StateOwner } from './state-files.ts';

export type StateSettings = {
	/** folder of all models' states */
	root: string;
	/** the model's name there */
	modelKey: string;
	/** bounds: of this model in memory, of all models on disk; 0 keeps none */
	memoryBytes: number;
	diskBytes: number;
};

export type StateKeeper = {
	/** Makes a taken slot ready for a prompt: keeps what is about to be erased, and brings back what the prompt begins with. */
	prepare(choice: SlotChoice, prompt: readonly number[]): Promise<SlotChoice>;
	/** Drops what is known of a conversation, or without one of a user, and of what is being written now. Files are the supervisor's. */
	forget(owner: StateOwner): void;
	/** Writes the conversations in slots and in memory to disk, newest first. No batch may be decoded any more. */
	close(): Promise<void>;
	readonly figures: KeptStates;
};

export type KeeperSetup = {
	context: NativeContext;
	settings: StateSettings;
	/** hash of the model and of what its states depend on */
	identity: () => Promise<string>;
	contextLength: number;
	slots: readonly Slot[];
	/** runs work while no batch is decoded */
	between<T>(work: () => Promise<T>): Promise<T>;
};

/** Tokens below which reading again is as fast as restoring. */
const leastTokens = 64;

/** A state that was taken from a slot. */
type Saved = { owner: StateOwner; tokens: readonly number[]; savedAt: number };
type InMemory = Saved & { data: Buffer; usedAt: number };
type Found = { tokens: ArrayLike<number>; keep: number } & ({ memory: InMemory } | { file: StateFile });

const isOf = (owner: StateOwner, { user, conversation }: StateOwner) => owner.user === user && (conversation === undefined || owner.conversation === conversation);
const ownerOf = ({ cacheKey, conversation }: Pick<Slot, 'cacheKey' | 'conversation'>): StateOwner | undefined => (cacheKey === undefined ? undefined : { user: cacheKey, conversation });

export function createStateKeeper({ context, settings, identity, contextLength, slots, between }: KeeperSetup): StateKeeper {
	const { root, modelKey, memoryBytes, diskBytes } = settings;
	let inMemory: InMemory[] = [];
	/** by user, read when first asked for */
	const onDisk = new Map<string, Promise<StateFile[]>>();
	/** whoever was forgotten, and when: what was being written of them then is dropped at its end */
	let forgotten: { owner: StateOwner; at: number }[] = [];
	const restored = { memory: 0, disk: 0 };
	let scratch: Promise<string> | undefined;
	/** what goes on beside answers: reading back, spilling, sealing */
	let work: Promise<void> = Promise.resolve();
	let uses = 0;
	let isClosed = false;

	const heldBytes = () => inMemory.reduce((sum, { data }) => sum + data.length, 0);
	const isForgotten = ({ owner, savedAt }: Saved) => forgotten.some((gone) => gone.at > savedAt && isOf(owner, gone.owner));
	const canPlace = (owner: StateOwner) => diskBytes > 0 && owner.conversation !== undefined;

	async function scratchFile(): Promise<string> {
		scratch ??= mkdir(root, { recursive: true, mode: 0o700 }).then(() => mkdtemp(join(root, scratchName())));
		return join(await scratch, randomUUID());
	}
	let ready: Promise<string> | undefined;
	const folder = () => (ready ??= identity().then(async (name) => {
		const path = join(root, stateFolderName(modelKey, name));
		await removeTried(path);
		return path;
	}));
	function statesOf(user: string): Promise<StateFile[]> {
		let states = onDisk.get(user);
		if (!states) onDisk.set(user, (states = (async () => readStatesOf(await folder(), user, await identity()))().catch(() => [])));
		return states;
	}

	/** What keeps the most of a prompt, if that is enough more than `keep`. The last token is always decoded anew: its logits are needed. */
	async function find(user: string | undefined, prompt: readonly number[], keep: number): Promise<Found | undefined> {
		if (user === undefined) return undefined;
		let best: Found | undefined;
		const look = (found: Found) => {
			if (found.keep >= (best ? best.keep + 1 : keep + leastTokens)) best = found;
		};
		const keptOf = (tokens: ArrayLike<number>) => Math.min(commonPrefix(tokens, prompt), prompt.length - 1);
		for (const memory of inMemory) if (memory.owner.user === user) look({ memory, tokens: memory.tokens, keep: keptOf(memory.tokens) });
		if (diskBytes > 0) for (const file of await statesOf(user)) look({ file, tokens: file.tokens, keep: keptOf(file.tokens) });
		return best;
	}

	/** Whose state would be lost with the cells of the slot that the prompt does not keep. */
	function leaving({ slot, keep, before }: SlotChoice, prompt: readonly number[]): StateOwner | undefined {
		const owner = before && ownerOf(before);
		if (!owner || slot.tokens.length < leastTokens) return undefined;
		const stays = owner.user === slot.cacheKey ? commonPrefix(slot.tokens, prompt) : 0;
		const lost = slot.tokens.length - stays;
		// Another answer to the same question loses little, and who asks again seldom goes back.
		return lost >= leastTokens && lost > Math.max(keep, stays) / 2 && (memoryBytes > 0 || canPlace(owner)) ? owner : undefined;
	}

	/** Writes a slot's state into a scratch file. */
	async function save(slot: Slot): Promise<string> {
		const path = await scratchFile();
		await createStateFile(path);
		await context.saveSequenceStateToFile(path, slot.id, Uint32Array.from(slot.tokens));
		return path;
	}

	/** To disk, under its owner's name; an older one of the conversation is replaced. */
	async function place(from: string, saved: Saved): Promise<void> {
		const { user, conversation } = saved.owner;
		if (!canPlace(saved.owner) || isForgotten(saved)) return rm(from, { force: true });
		const to = join(await folder(), stateFileName(user, conversation!));
		const isPlaced = await placeStateFile(root, { from, to, identity: await identity(), tokens: saved.tokens.length, mostBytes: diskBytes });
		if (isForgotten(saved)) await rm(to, { force: true });
		if (isPlaced) onDisk.delete(user);
	}

	async function spill(state: InMemory): Promise<void> {
		if (!canPlace(state.owner)) return;
		const path = await scratchFile();
		await writeFile(path, state.data, { mode: 0o600 });
		await place(path, state);
	}

	/** Takes a saved state into memory, or to disk when it is too large for that. */
	async function keep(path: string, saved: Saved): Promise<void> {
		const { owner, tokens } = saved;
		const data = await readFile(path);
		if (data.length > memoryBytes) return place(path, saved);
		await rm(path, { force: true });
		if (isForgotten(saved)) return;
		// An older one of the same conversation, or a beginning of this one, is of no more use.
		const isOld = (other: InMemory) => other.owner.user === owner.user && ((owner.conversation !== undefined && other.owner.conversation === owner.conversation) || commonPrefix(other.tokens, tokens) === other.tokens.length);
		inMemory = [...inMemory.filter((other) => !isOld(other)), { ...saved, data, usedAt: ++uses }];
		while (heldBytes() > memoryBytes) {
			const oldest = inMemory.reduce((a, b) => (b.usedAt < a.usedAt ? b : a));
			inMemory = inMemory.filter((other) => other !== oldest);
			await spill(oldest);
		}
	}

	const later = (task: () => Promise<void>) => {
		work = work.then(task).catch(() => undefined); // a full or unwritable disk costs the state, never an answer
	};

	const load = (slot: Slot, path: string) => context.loadSequenceStateFromFile(path, slot.id, contextLength);

	async function restoreFrom(found: Found, slot: Slot): Promise<ArrayLike<number>> {
		if ('file' in found) {
			const { path } = found.file;
			return tryState(path, () => load(slot, path));
		}
		const path = await scratchFile();
		try {
			await writeFile(path, found.memory.data, { mode: 0o600 });
			return await load(slot, path);
		} finally {
			await rm(path, { force: true });
		}
	}

	/** @returns how many of the prompt's tokens the slot holds now */
	async function restore(found: Found, slot: Slot): Promise<number> {
		clearSlot(context, slot);
		try {
			const tokens = await restoreFrom(found, slot);
			if (tokens.length !== found.tokens.length || commonPrefix(tokens, found.tokens) !== tokens.length) throw new Error('Another state than was kept');
			slot.tokens = Array.from(tokens);
			if ('memory' in found) {
				found.memory.usedAt = ++uses;
				// The slot holds all of it now.
				if (found.keep >= tokens.length - 1) inMemory = inMemory.filter((other) => other !== found.memory);
			}
			restored['file' in found ? 'disk' : 'memory']++;
			return found.keep;
		} catch {
			clearSlot(context, slot);
			await drop(found, slot.cacheKey!);
			return 0;
		}
	}

	async function drop(found: Found, user: string): Promise<void> {
		if ('memory' in found) inMemory = inMemory.filter((other) => other !== found.memory);
		else {
			onDisk.set(user, Promise.resolve((await statesOf(user)).filter((file) => file !== found.file)));
			await rm(found.file.path, { force: true });
		}
	}

	async function prepare(choice: SlotChoice, prompt: readonly number[]): Promise<SlotChoice> {
		const { slot } = choice;
		let found = await find(slot.cacheKey, prompt, choice.keep);
		if (found && 'file' in found && !(await isWhole(found.file))) {
			await drop(found, slot.cacheKey!);
			found = undefined;
		}
		const owner = leaving(choice, prompt);
		if (!found && !owner) return choice;
		return between(async () => {
			if (owner) {
				const saved = { owner, tokens: [...slot.tokens], savedAt: ++uses };
				const path = await save(slot).catch(() => undefined);
				if (path !== undefined) later(() => keep(path, saved));
			}
			return found ? { ...choice, keep: await restore(found, slot) } : choice;
		});
	}

	/** What is in slots and in memory, the newest first: the time for it may be short. */
	async function close(): Promise<void> {
		await work;
		isClosed = true;
		try {
			const used = slots.filter((slot) => !slot.forget && slot.tokens.length >= leastTokens).sort((a, b) => b.lastUsed - a.lastUsed);
			for (const slot of used) {
				const owner = ownerOf(slot);
				if (!owner || !canPlace(owner) || (await isPlaced(owner, slot.tokens))) continue;
				const saved = { owner, tokens: [...slot.tokens], savedAt: ++uses };
				await place(await save(slot), saved);
				inMemory = inMemory.filter((other) => !isOf(other.owner, owner));
			}
			for (const state of [...inMemory].sort((a, b) => b.usedAt - a.usedAt)) if (canPlace(state.owner) && !(await isPlaced(state.owner, state.tokens))) await spill(state);
		} finally {
			inMemory = [];
			if (scratch) await rm(await scratch, { recursive: true, force: true });
		}
	}

	/** Whether the very same state lies on disk already. */
	async function isPlaced({ user, conversation }: StateOwner, tokens: readonly number[]): Promise<boolean> {
		const name = stateFileName(user, conversation!);
		return (await statesOf(user)).some((file) => file.path.endsWith(name) && file.tokens.length === tokens.length && commonPrefix(file.tokens, tokens) === tokens.length);
	}

	return {
		// what can't be brought back or kept costs a second reading, never an answer
		prepare: (choice, prompt) => prepare(choice, prompt).catch(() => ({ ...choice, keep: 0 })),
		forget(owner) {
			forgotten = [...forgotten, { owner, at: ++uses }].slice(-100);
			inMemory = inMemory.filter((state) => !isOf(state.owner, owner));
			onDisk.delete(owner.user);
			const theirs = slots.filter((slot) => slot.tokens.length > 0 && slot.cacheKey !== undefined && isOf({ user: slot.cacheKey, conversation: slot.conversation }, owner));
			for (const slot of theirs) slot.forget = true;
			if (theirs.some((slot) => !slot.busy))
				void between(async () => {
					if (isClosed) return;
					for (const slot of theirs) {
						if (slot.busy || !slot.forget) continue;
						clearSlot(context, slot);
						slot.forget = false;
					}
				});
		},
		close: () => close().catch(() => undefined),
		get figures() {
			return { states: inMemory.length, bytes: heldBytes(), restoredFromMemory: restored.memory, restoredFromDisk: restored.disk };
		}
	};
}
