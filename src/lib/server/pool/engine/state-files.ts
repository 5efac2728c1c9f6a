/**
 * Files of KV states: what they are called, how they are sealed, and what keeps them within bounds. llama.cpp trusts what it
 * restores, so a file counts only when its seal says that this program wrote it for this very model and set-up, and its content
 * has the checksum that was noted. States are user data: folders 0700, files 0600, found by their owner without being read.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, statfs, utimes } from 'node:fs/promises';
import { join } from 'node:path';

/** Whose state it is. Without a conversation it is never written to disk for long. */
export type StateOwner = { user: string; conversation?: string | undefined };

/** The end of a file: JSON, its length in 4 bytes, and these. llama.cpp reads from the beginning and ignores what follows. */
const magic = Buffer.from('LRSTATE1');
const mostSealBytes = 4096;
/** llama.cpp's own head: magic, version, number of tokens; then the tokens. */
const headBytes = 12;
/** Left free for everything else on the disk. */
const diskReserve = 2 ** 29;

type Seal = { identity: string; tokens: number; bytes: number; sha256: string };
export type StateFile = { path: string; tokens: Uint32Array; bytes: number; sha256: string };

const shortHash = (text: string, length: number) => createHash('sha256').update(text).digest('hex').slice(0, length);
const userName = (user: string) => shortHash(user, 16);
const conversationName = (conversation: string) => shortHash(conversation, 32);

/** The folder of a model's states, opened in one way. `identity`: a hash of the file and of what its states depend on. */
export const stateFolderName = (modelKey: string, identity: string): string => `${shortHash(modelKey, 16)}-${identity}`;
export const stateFileName = (user: string, conversation: string): string => `${userName(user)}-${conversationName(conversation)}.state`;

async function sha256Of(path: string, bytes: number): Promise<string> {
	const hash = createHash('sha256');
	for await (const part of createReadStream(path, { end: Math.max(0, bytes - 1), highWaterMark: 2 ** 20 })) hash.update(part as Buffer);
	return hash.digest('hex');
}

/**
 * What tells a model file from another, and one way of opening it from another, as a hash: its size, time and samples of its
 * content, since reading all of a large file takes longer than reading a prompt.
 */
export async function stateIdentity(modelPaths: readonly string[], setup: object): Promise<string> {
	const hash = createHash('sha256').update(JSON.stringify(setup));
	const sample = Buffer.alloc(4096);
	for (const path of modelPaths) {
		const { size, mtimeMs } = await stat(path);
		hash.update(`${size} ${mtimeMs}`);
		const file = await open(path);
		try {
			for (let part = 0; part < 64; part++) hash.update(sample.subarray(0, (await file.read(sample, 0, sample.length, Math.floor((size / 64) * part))).bytesRead));
		} finally {
			await file.close();
		}
	}
	return hash.digest('hex').slice(0, 32);
}

/** An empty file that only its owner may read, for llama.cpp to write into. */
export async function createStateFile(path: string): Promise<void> {
	await (await open(path, 'w', 0o600)).close();
}

/** Puts the seal to what llama.cpp wrote. */
export async function sealStateFile(path: string, identity: string, tokens: number): Promise<void> {
	const { size } = await stat(path);
	const seal: Seal = { identity, tokens, bytes: size, sha256: await sha256Of(path, size) };
	const json = Buffer.from(JSON.stringify(seal));
	const length = Buffer.alloc(4);
	length.writeUInt32LE(json.length);
	const file = await open(path, 'a');
	try {
		await file.appendFile(Buffer.concat([json, length, magic]));
	} finally {
		await file.close();
	}
}

/** A state with its tokens; undefined for a file that is foreign, of another model or set-up, or cut. The content is not checked: that is {@link isWhole}. */
export async function readStateFile(path: string, identity: string): Promise<StateFile | undefined> {
	const file = await open(path);
	try {
		const { size } = await file.stat();
		const end = Buffer.alloc(Math.min(size, mostSealBytes));
		await file.read(end, 0, end.length, size - end.length);
		if (!end.subarray(-magic.length).equals(magic)) return undefined;
		const length = end.readUInt32LE(end.length - magic.length - 4);
		if (length > end.length - magic.length - 4) return undefined;
		const seal = JSON.parse(end.subarray(end.length - magic.length - 4 - length, end.length - magic.length - 4).toString()) as Seal;
		if (seal.identity !== identity || seal.bytes !== size - length - 4 - magic.length || headBytes + seal.tokens * 4 > seal.bytes) return undefined;
		const head = Buffer.alloc(headBytes + seal.tokens * 4);
		await file.read(head, 0, head.length, 0);
		if (head.readUInt32LE(8) !== seal.tokens) return undefined;
		const tokens = Uint32Array.from({ length: seal.tokens }, (_, i) => head.readUInt32LE(headBytes + i * 4));
		return { path, tokens, bytes: seal.bytes, sha256: seal.sha256 };
	} catch {
		return undefined;
	} finally {
		await file.close();
	}
}

/** Whether the content is what was sealed. */
export const isWhole = async ({ path, bytes, sha256 }: StateFile): Promise<boolean> => (await sha256Of(path, bytes).catch(() => undefined)) === sha256;

/**
 * Runs the restoring of a file. Should the file end the process, it is not tried again: a mark beside it says that it was being
 * tried, and {@link removeTried} takes both away.
 */
export async function tryState<T>(path: string, restore: () => Promise<T>): Promise<T> {
	await createStateFile(`${path}.trying`);
	const restored = await restore();
	await rm(`${path}.trying`, { force: true });
	await utimes(path, new Date(), new Date()); // the oldest go first
	return restored;
}

/** Removes what was being tried when its engine ended. */
export async function removeTried(folder: string): Promise<void> {
	for (const name of await readdir(folder).catch(() => [])) {
		if (!name.endsWith('.trying')) continue;
		await rm(join(folder, name.slice(0, -'.trying'.length)), { force: true });
		await rm(join(folder, name), { force: true });
	}
}

/** A user's states in a folder. What is no good is removed. */
export async function readStatesOf(folder: string, user: string, identity: string): Promise<StateFile[]> {
	const names = (await readdir(folder).catch(() => [])).filter((name) => name.startsWith(`${userName(user)}-`) && name.endsWith('.state'));
	const read = async (name: string) => {
		const state = await readStateFile(join(folder, name), identity).catch(() => undefined);
		if (!state) await rm(join(folder, name), { force: true });
		return state ?? [];
	};
	return (await Promise.all(names.map(read))).flat();
}

/** What is kept on disk, in all. */
export type KeptOnDisk = { states: number; bytes: number };

async function filesIn(root: string): Promise<{ path: string; name: string; bytes: number; at: number }[]> {
	const folders = await readdir(root, { withFileTypes: true }).catch(() => []);
	const files = folders.filter((entry) => entry.isDirectory()).map(async (folder) => {
		const names = await readdir(join(root, folder.name)).catch(() => []);
		return Promise.all(
			names.map(async (name) => {
				const path = join(root, folder.name, name);
				const info = await stat(path).catch(() => undefined);
				return info ? { path, name, bytes: info.size, at: info.mtimeMs } : [];
			})
		);
	});
	return (await Promise.all(files)).flat(2);
}

function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === 'EPERM';
	}
}

/** Where an engine writes what it does not keep there; its process's id is in the name. */
export const scratchName = (): string => `scratch-${process.pid}-`;

/** Removes the oldest states until the rest takes `mostBytes`, and what engines that are gone have left behind. */
export async function sweepStates(root: string, mostBytes: number): Promise<KeptOnDisk> {
	for (const name of await readdir(root).catch(() => [])) {
		const pid = /^scratch-(\d+)-/.exec(name)?.[1];
		if (pid !== undefined && !isAlive(Number(pid))) await rm(join(root, name), { recursive: true, force: true });
	}
	const states = (await filesIn(root)).filter(({ name }) => name.endsWith('.state')).sort((a, b) => b.at - a.at);
	const kept: KeptOnDisk = { states: 0, bytes: 0 };
	let isFull = false;
	for (const { path, bytes } of states) {
		isFull ||= kept.bytes + bytes > mostBytes;
		if (isFull) await rm(path, { force: true });
		else {
			kept.states++;
			kept.bytes += bytes;
		}
	}
	return kept;
}

/** What the states of all models take, and those of one. */
export async function measureStates(root: string, modelKey?: string): Promise<KeptOnDisk> {
	const files = (await filesIn(root)).filter(({ path, name }) => name.endsWith('.state') && (modelKey === undefined || path.startsWith(join(root, shortHash(modelKey, 16)))));
	return { states: files.length, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** Removes a conversation's states, or without one all of a user's, of every model. */
export async function removeStatesOf(root: string, { user, conversation }: StateOwner): Promise<void> {
	const isTheirs = (name: string) => name.startsWith(conversation === undefined ? `${userName(user)}-` : stateFileName(user, conversation));
	for (const { path, name } of await filesIn(root)) if (isTheirs(name)) await rm(path, { force: true });
}

/** Removes the states of a model that is no longer registered. */
export async function removeStatesOfModel(root: string, modelKey: string): Promise<void> {
	const prefix = `${shortHash(modelKey, 16)}-`;
	for (const name of await readdir(root).catch(() => [])) if (name.startsWith(prefix)) await rm(join(root, name), { recursive: true, force: true });
}

/** Removes states whose conversation is not among those that there are. */
export async function removeStrangers(root: string, owners: Iterable<{ user: string; conversation: string }>): Promise<void> {
	const known = new Set<string>();
	for (const { user, conversation } of owners) known.add(stateFileName(user, conversation));
	for (const { path, name } of await filesIn(root)) if (name.endsWith('.state') && !known.has(name)) await rm(path, { force: true });
}

/**
 * Puts a file written elsewhere on the same disk in its place, sealed, unless the disk is short of room.
 * @returns whether it is there
 */
export async function placeStateFile(root: string, { from, to, identity, tokens, mostBytes }: { from: string; to: string; identity: string; tokens: number; mostBytes: number }): Promise<boolean> {
	const { size } = await stat(from);
	const disk = await statfs(root);
	const bytes = size + mostSealBytes;
	if (bytes > mostBytes || disk.bavail * disk.bsize < diskReserve) {
		await rm(from, { force: true });
		return false;
	}
	await sealStateFile(from, identity, tokens);
	await sweepStates(root, mostBytes - bytes);
	await mkdir(join(to, '..'), { recursive: true, mode: 0o700 });
	await rename(from, to);
	return true;
}
