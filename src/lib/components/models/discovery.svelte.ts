import type { DiscoveryNews } from '#lib/contract/models.ts';
import { failureOf, type Failure } from '#lib/state/failure.ts';
import { models } from '#lib/state/models.svelte.ts';
import { trpc } from '#lib/trpc.ts';

/** What became of a file: `known` and `registered` go by `name`; `refused` says why. */
export type DiscoveredFile = {
	path: string;
	name: string;
	about: string;
	sizeBytes: number | null;
	state: 'new' | 'known' | 'registered' | 'refused';
	reason: string;
	wanted: boolean;
};

/** A look through folders for models that can be registered, and their registration. */
export class Discovery {
	/** null: not begun */
	counts = $state.raw<Pick<DiscoveryNews, 'folders' | 'files' | 'filesRead'> | null>(null);
	files = $state<DiscoveredFile[]>([]);
	looking = $state(false);
	/** files that were to be registered, while they are */
	registering = $state<{ done: number; all: number } | null>(null);
	truncated = $state(false);
	failure = $state<Failure | null>(null);
	readonly wanted = $derived(this.files.filter((file) => file.state === 'new' && file.wanted));

	#subscription: { unsubscribe(): void } | undefined;

	/** @param folder without one the models folders */
	start(folder: string): void {
		this.stop();
		Object.assign(this, { counts: null, files: [], looking: true, truncated: false, failure: null });
		this.#subscription = trpc.models.discoverLive.subscribe(folder === '' ? {} : { paths: [folder] }, {
			onData: (news) => this.#take(news),
			onError: (thrown) => {
				this.looking = false;
				this.failure = failureOf(thrown);
			},
			onComplete: () => (this.looking = false)
		});
	}

	/** Ends the look; what was found stays. */
	stop(): void {
		this.#subscription?.unsubscribe();
		this.looking = false;
	}

	#take({ folders, files, filesRead, found, skipped, truncated }: DiscoveryNews): void {
		this.counts = { folders, files, filesRead };
		this.truncated = truncated;
		this.files.push(
			...found.map(({ path, name, family, quantization, sizeBytes, registeredAs }): DiscoveredFile => ({
				path,
				name,
				sizeBytes,
				about: [family, quantization].filter(Boolean).join(' · '),
				state: registeredAs === null ? 'new' : 'known',
				reason: '',
				wanted: registeredAs === null
			})),
			...skipped.map(({ path, reason }): DiscoveredFile => ({
				path,
				name: path.split(/[\\/]/).at(-1)!,
				sizeBytes: null,
				about: '',
				state: 'refused',
				reason,
				wanted: false
			}))
		);
	}

	/** Registers what is wanted, each file by itself: one that is refused holds up no other. */
	async register(): Promise<void> {
		const { wanted } = this;
		this.registering = { done: 0, all: wanted.length };
		for (const file of wanted) {
			try {
				await trpc.models.register.mutate({ models: [{ name: file.name, path: file.path }] });
				file.state = 'registered';
			} catch (thrown) {
				file.state = 'refused';
				file.reason = failureOf(thrown).message;
			}
			this.registering = { done: this.registering.done + 1, all: wanted.length };
		}
		this.registering = null;
		await models.refresh();
	}
}
