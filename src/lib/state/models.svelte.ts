import type { inferRouterOutputs } from '@trpc/server';
import { trpc } from '#lib/trpc.ts';
import { failureOf, type Failure } from './failure.ts';
import { recall, remember } from './storage.ts';

import type { AppRouter } from '#lib/server/trpc/router.ts';

export type Model = inferRouterOutputs<AppRouter>['models']['list'][number];

/** Between two readings while a page shows models: quick while one loads. */
const pause = { busyMs: 1_000, idleMs: 10_000 };

const remembered = recall('localStorage', 'chat.model');
let list = $state.raw<Model[] | null>(null);
let failure = $state.raw<Failure | null>(null);
let defaultModel = $state<string | null>(null);
let wanted = $state<string | null>(typeof remembered === 'string' ? remembered : null);

/** The model for a chat: the one chosen in this browser, else the server's default, else one that runs, else the first. */
function choose(): Model | undefined {
	const named = (name: string | null) => list?.find((model) => model.name === name);
	return named(wanted) ?? named(defaultModel) ?? list?.find((model) => model.status === 'running') ?? list?.[0];
}

export const models = {
	/** null until they were read */
	get list(): Model[] | null { return list; },
	/** why they could not be read */
	get failure(): Failure | null { return failure; },
	get chosen(): Model | undefined { return choose(); },
	choose(name: string): void {
		wanted = name;
		remember('localStorage', 'chat.model', name);
	},
	async refresh(): Promise<void> {
		try {
			const [models, config] = await Promise.all([trpc.models.list.query(), trpc.config.get.query()]);
			list = models;
			defaultModel = config.models.defaultModel;
			failure = null;
		} catch (thrown) {
			failure = failureOf(thrown);
		}
	},
	/** Reads them now and from time to time, until the returned function is called: the body of an `$effect`. */
	watch(): () => void {
		let timer: ReturnType<typeof setTimeout>;
		let ended = false;
		const round = async () => {
			if (!document.hidden) await models.refresh();
			if (!ended) timer = setTimeout(round, list?.some((model) => model.status === 'loading') ? pause.busyMs : pause.idleMs);
		};
		void round();
		return () => {
			ended = true;
			clearTimeout(timer);
		};
	}
};
