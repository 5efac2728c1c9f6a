import { setTimeout as sleep } from 'node:timers/promises';
import type { ModelsEvent, ModelLive } from '../../contract/models.ts';
import { events } from '../events.ts';
import type { ModelState } from '../pool/model-spec.ts';
import { shownState } from './local.ts';
import { registeredModels } from './registry.ts';
import { pool } from './running.ts';

/** Milliseconds between two looks: at figures that only change by heartbeat, and at a load's progress. */
const pause = { idleMs: 2000, loadingMs: 250 };
/** Changes that come together are told together. */
const settleMs = 30;

const live = ({ key: _key, phase, error, ...state }: ModelState, missing: boolean): ModelLive => ({ ...state, ...shownState(missing, { phase, ...(error === undefined ? {} : { error }) }) });
const missingModels = (): Set<string> => new Set(registeredModels().flatMap((model) => (model.missing ? [model.id] : [])));

/**
 * The state of every model that was ever asked for, now and whenever something of it changes, and word that the list itself
 * has changed. A reader who is slow gets the newest state, not each one in between.
 */
export async function* followModels(signal: AbortSignal): AsyncGenerator<ModelsEvent, void, void> {
	let listChanged = false;
	let missing = missingModels();
	let changed = false;
	let wake = (): void => undefined;
	const note = (): void => {
		changed = true;
		wake();
	};
	const stops = [
		events.on('model:changed', note),
		events.on('models:changed', () => {
			listChanged = true;
			note();
		})
	];
	signal.addEventListener('abort', note);
	try {
		for (let told = ''; !signal.aborted; ) {
			changed = false;
			if (listChanged) {
				listChanged = false;
				missing = missingModels();
				yield { type: 'list' };
			}
			const models = pool().states().map((state) => live(state, missing.has(state.key)));
			const text = JSON.stringify(models);
			if (text !== told) yield { type: 'states', models };
			told = text;
			const ms = models.some((model) => model.status === 'loading') ? pause.loadingMs : pause.idleMs;
			if (!changed)
				await new Promise<void>((resolve) => {
					const timer = setTimeout(resolve, ms);
					wake = () => {
						clearTimeout(timer);
						resolve();
					};
				});
			if (!signal.aborted) await sleep(settleMs);
		}
	} finally {
		signal.removeEventListener('abort', note);
		for (const stop of stops) stop();
	}
}
