import { setTimeout as sleep } from 'node:timers/promises';
import type { ModelsEvent, ModelLive } from '../../contract/models.ts';
import { events } from '../events.ts';
import type { ModelState } from '../pool/model-spec.ts';
import { pool } from './running.ts';

/** Milliseconds between two looks: at figures that only change by heartbeat, and at a load's progress. */
const pause = { idleMs: 2000, loadingMs: 250 };
/** Changes that come together are told together. */
const settleMs = 30;

const live = ({ key: _key, phase, error, ...state }: ModelState): ModelLive => ({ ...state, status: phase, error: error ?? null });

/**
 * The state of every model that was ever asked for, now and whenever something of it changes, and word that the list itself
 * has changed. A reader who is slow gets the newest state, not each one in between.
 */
export async function* followModels(signal: AbortSignal): AsyncGenerator<ModelsEvent, void, void> {
	let listChanged = false;
	let wake = new AbortController();
	const stops = [
		events.on('model:changed', () => wake.abort()),
		events.on('models:changed', () => {
			listChanged = true;
			wake.abort();
		})
	];
	try {
		for (let told = ''; !signal.aborted; ) {
			wake = new AbortController();
			const models = pool().states().map(live);
			const text = JSON.stringify(models);
			if (listChanged) {
				listChanged = false;
				yield { type: 'list' };
			}
			if (text !== told) yield { type: 'states', models };
			told = text;
			const ms = models.some((model) => model.status === 'loading') ? pause.loadingMs : pause.idleMs;
			if (!wake.signal.aborted) await sleep(ms, undefined, { ref: false, signal: AbortSignal.any([signal, wake.signal]) }).catch(() => undefined);
			if (!signal.aborted) await sleep(settleMs);
		}
	} finally {
		for (const stop of stops) stop();
	}
}
