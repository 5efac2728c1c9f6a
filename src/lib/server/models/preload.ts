import { readConfig } from '../config/config.ts';
import { isAbort } from '../errors.ts';
import { logger } from '../logs/logger.ts';
import { parametersFor } from '../parameters/values.ts';
import { registeredModels } from './registry.ts';
import { pool } from './running.ts';
import { specOf } from './spec.ts';

const log = logger('model-manager');
let stop = new AbortController();

/** Loads, beside the start, the models whose parameter says so; no more than may be loaded at once, the last used first. */
export function openPreload(): void {
	stop = new AbortController();
	const wanted = registeredModels()
		.filter((model) => !model.missing && parametersFor(model.id).preload)
		.sort((a, b) => (b.lastUsedAt?.getTime() ?? 0) - (a.lastUsedAt?.getTime() ?? 0))
		.slice(0, readConfig().models.maxConcurrent);
	// The pool loads them one after the other; why one can't be loaded it has written down itself.
	for (const model of wanted)
		pool().load(specOf(model), stop.signal).catch((error: unknown) => {
			if (!isAbort(error)) log.warn({ model: model.name }, `Model ${model.name} was not preloaded`);
		});
}

export function closePreload(): void {
	stop.abort();
}
