import { stat } from 'node:fs/promises';
import { totalmem } from 'node:os';
import type { MemoryPlan } from '../../contract/models.ts';
import { readConfig } from '../config/config.ts';
import { AppError } from '../errors.ts';
import { estimateMemory, explainMisfit, fitToMemory } from '../pool/memory.ts';
import type { ModelState } from '../pool/model-spec.ts';
import { readModelShape, type ModelShape } from '../pool/model-shape.ts';
import { registeredModels, requireRegistered, type RegisteredModel } from './registry.ts';
import { bytesForModels, pool } from './running.ts';
import { specOf } from './spec.ts';

/** What could be tried instead of the parameters that hold. */
export type Sizes = { contextLength?: number | undefined; slots?: number | undefined; kvCacheType?: 'f16' | 'q8_0' | 'q4_0' | 'f32' | undefined };

const isLoaded = ({ phase }: ModelState): boolean => phase === 'running' || phase === 'loading';
const isIdle = ({ phase, pinned, slotsBusy, queued }: ModelState): boolean => phase === 'running' && !pinned && slotsBusy === 0 && queued === 0;

/**
 * What loading a model would take of this machine, by the same figures that the pool decides with.
 * @throws AppError MODEL_NOT_FOUND, MODEL_LOAD_ERROR when its file can't be read
 */
export async function estimateModel(name: string, sizes: Sizes, signal: AbortSignal): Promise<MemoryPlan> {
	const model = requireRegistered(name);
	const { options } = specOf(model);
	const given = Object.fromEntries(Object.entries(sizes).filter(([, value]) => value !== undefined));
	const wanted = { ...options, ...given };
	const shape = await shapeOfFile(model, signal).catch((cause: unknown) => {
		signal.throwIfAborted();
		throw new AppError('MODEL_LOAD_ERROR', `The file of the model "${model.name}" can't be read; check that it still lies where it was registered`, { cause });
	});
	const states = pool().states();
	const others = states.filter((state) => isLoaded(state) && state.key !== model.id);
	const own = states.find((state) => state.key === model.id && isLoaded(state));
	// Loaded models may still grow to what is counted for them; this one's own memory is free for its next load.
	const growth = others.reduce((sum, { estimatedBytes, rssBytes }) => sum + (rssBytes ? Math.max(0, estimatedBytes - rssBytes) : 0), 0);
	const freeBytes = Math.max(0, bytesForModels() - growth + (own?.rssBytes ?? 0));
	const needs = estimateMemory(shape, wanted);
	const idle = others.filter(isIdle).sort((a, b) => (a.lastUsedAt?.getTime() ?? 0) - (b.lastUsedAt?.getTime() ?? 0));

	const unloads: ModelState[] = [];
	const room = () => freeBytes + unloads.reduce((sum, state) => sum + state.estimatedBytes, 0);
	const places = () => readConfig().models.maxConcurrent - (others.length - unloads.length);
	while ((needs.total > room() || places() < 1) && unloads.length < idle.length) unloads.push(idle[unloads.length]!);

	const fit = fitToMemory(shape, wanted, room());
	const opens = fit && { contextLength: fit.options.contextLength, slots: fit.options.slots, kvCacheType: fit.options.kvCacheType };
	const isWhole = needs.total <= room();
	return {
		name: model.name,
		asked: { contextLength: wanted.contextLength, slots: wanted.slots, kvCacheType: wanted.kvCacheType },
		needs,
		machine: { totalBytes: totalmem(), freeBytes },
		loaded: others.map(({ name: other, estimatedBytes, slotsBusy, pinned }) => ({ name: other, bytes: estimatedBytes, busy: slotsBusy > 0, pinned })),
		verdict: !fit || places() < 1 ? (fit ? 'waits' : 'tooLarge') : !isWhole ? 'shrinks' : unloads.length ? 'makesRoom' : 'fits',
		unloads: unloads.map((state) => state.name),
		opens: opens ?? null,
		explanation: fit ? null : explainMisfit(model.name, shape, wanted, room())
	};
}

/** Shapes by file, since a header takes some 20 ms to read; a file that changed is read anew. */
const shapes = new Map<string, { version: string; shape: ModelShape }>();

async function shapeOfFile({ path }: RegisteredModel, signal: AbortSignal): Promise<ModelShape> {
	const { size, mtimeMs } = await stat(path);
	const version = `${size} ${mtimeMs}`;
	const known = shapes.get(path);
	if (known?.version === version) return known.shape;
	const shape = await readModelShape(path, signal);
	shapes.set(path, { version, shape });
	return shape;
}

/** Bytes that each registered model takes when it is opened as configured; one whose file can't be read is left out. */
export async function memoryNeeds(signal: AbortSignal): Promise<{ name: string; bytes: number }[]> {
	const needs: { name: string; bytes: number }[] = [];
	const registered = registeredModels();
	const paths = new Set(registered.map(({ path }) => path));
	for (const path of shapes.keys()) if (!paths.has(path)) shapes.delete(path);
	for (const model of registered) {
		const shape = await shapeOfFile(model, signal).catch(() => undefined);
		signal.throwIfAborted();
		if (shape) needs.push({ name: model.name, bytes: estimateMemory(shape, specOf(model).options).total });
	}
	return needs;
}
