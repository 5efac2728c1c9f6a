import type { inferRouterOutputs } from '@trpc/server';
import type { ModelLive } from '#lib/contract/models.ts';
import type { AppRouter } from '#lib/server/trpc/router.ts';
import { trpc } from '#lib/trpc.ts';
import { failureOf, type Failure } from './failure.ts';
import { reading } from './reading.ts';
import { recall, remember } from './storage.ts';

type Row = inferRouterOutputs<AppRouter>['models']['list'][number];
/** A row of the list with its state of the moment. `fraction`: 0–1 while it loads. `needsBytes`: of memory, where it was asked for. */
export type Model = Row & { fraction?: number; needsBytes?: number | undefined };

const remembered = recall('localStorage', 'chat.model');
let rows = $state.raw<Row[] | null>(null);
let live = $state.raw<ModelLive[]>([]);
let needs = $state.raw<ReadonlyMap<string, number>>(new Map());
let failure = $state.raw<Failure | null>(null);
let defaultModel = $state<string | null>(null);
let wanted = $state<string | null>(typeof remembered === 'string' ? remembered : null);

const list = $derived(
	rows?.map((row): Model => {
		const needsBytes = needs.get(row.name);
		const state = live.find(({ name }) => name === row.name);
		return state ? { ...row, needsBytes, status: state.status, error: state.error, fraction: state.fraction } : { ...row, needsBytes };
	}) ?? null
);
/** Those that chat: embedding and ranking models don't. */
const chatting = $derived(list?.filter((model) => (model.local?.purpose ?? 'generate') === 'generate' && model.upstream?.chats !== false) ?? null);

/**
 * The model for a chat: the one chosen in this browser, else the server's default, else one that runs, else the first. The built-in
 * guide, which knows nothing but the program, only where there is no other.
 */
const chosen = $derived.by(() => {
	const named = (name: string | null) => chatting?.find((model) => model.name === name);
	const others = chatting?.filter((model) => !model.local?.builtIn);
	return named(wanted) ?? named(defaultModel) ?? others?.find((model) => model.status === 'running') ?? others?.[0] ?? chatting?.[0];
});

async function refresh(): Promise<void> {
	try {
		const [list, config] = await Promise.all([trpc.models.list.query(), trpc.config.get.query()]);
		rows = list;
		defaultModel = config.models.defaultModel;
		failure = null;
	} catch (thrown) {
		failure = failureOf(thrown);
	}
}

export const models = {
	/** null until they were read */
	get list(): Model[] | null { return list; },
	/** the part of the list that chats */
	get chatting(): Model[] | null { return chatting; },
	/** why they could not be read */
	get failure(): Failure | null { return failure; },
	get chosen(): Model | undefined { return chosen; },
	choose(name: string): void {
		wanted = name;
		remember('localStorage', 'chat.model', name);
	},
	/** the figures of a model that was ever asked for */
	liveOf: (name: string): ModelLive | undefined => live.find((state) => state.name === name),
	refresh,
	/** Keeps what each of them needs of memory up to date with the list and the parameters, until it is left: the body of an `$effect`. */
	followNeeds(): () => void {
		let leave: (() => void) | undefined;
		const read = () => {
			leave?.();
			leave = reading(
				(signal) => trpc.models.needs.query(undefined, { signal }),
				// eslint-disable-next-line svelte/prefer-svelte-reactivity -- replaced as a whole
				(answer) => (needs = new Map(answer.map(({ name, bytes }) => [name, bytes])))
			);
		};
		void rows;
		read();
		const subscription = trpc.parameters.live.subscribe(undefined, { onData: read });
		return () => {
			leave?.();
			subscription.unsubscribe();
		};
	},
	/** Keeps their states up to date until the returned function is called: the body of an `$effect`. */
	follow(): () => void {
		const subscription = trpc.models.live.subscribe(undefined, {
			onData: (event) => {
				if (event.type === 'states') live = event.models;
				else void refresh();
			},
			onError: (thrown) => (failure = failureOf(thrown))
		});
		return () => subscription.unsubscribe();
	}
};
