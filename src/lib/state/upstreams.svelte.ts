import type { inferRouterOutputs } from '@trpc/server';
import type { AppRouter } from '#lib/server/trpc/router.ts';
import { trpc } from '#lib/trpc.ts';
import { failureOf, type Failure } from './failure.ts';

export type Upstream = inferRouterOutputs<AppRouter>['upstreams']['list'][number];

/** Between two readings while a page shows them. */
const againMs = 5000;

let list = $state.raw<Upstream[] | null>(null);
let failure = $state.raw<Failure | null>(null);

async function refresh(): Promise<void> {
	try {
		list = await trpc.upstreams.list.query();
		failure = null;
	} catch (thrown) {
		failure = failureOf(thrown);
	}
}

export const upstreams = {
	/** null until they were read */
	get list(): Upstream[] | null { return list; },
	/** why they could not be read */
	get failure(): Failure | null { return failure; },
	refresh,
	/** Reads them now and from time to time, until the returned function is called: the body of an `$effect`. */
	follow(): () => void {
		void refresh();
		const timer = setInterval(() => {
			if (!document.hidden) void refresh();
		}, againMs);
		return () => clearInterval(timer);
	}
};
